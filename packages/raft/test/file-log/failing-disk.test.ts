import { expect, it } from 'vitest';
import { FileLog } from '../../src/file-log/index.js';
import type { Entry } from '../../src/index.js';
import { wrapPayload } from '../../src/wire/entries.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { FaultyFileSystem } from './faulty-file-system.js';
import { carryOut, Expected, isCall, lifeOf, textOf } from './history.js';
import { seeded } from './seeded.js';

const calls = [...lifeOf(seeded(3), 25)].filter(isCall);

/** Carries steps out over a disk that fails from a call on. Returns how many calls it took, and the first failure. */
async function live(disk: FaultyFileSystem): Promise<Error | undefined> {
  const log = new FileLog('/log', { fileSystem: disk, segmentBytes: 4096 });
  const expected = new Expected();
  const outcomes: { promised: number; failure: Error | undefined }[] = [];
  const pending: Promise<void>[] = [];
  const opened = await log.open().catch((error: Error) => error);
  if (opened instanceof Error) return opened;
  for (const step of calls) {
    const state = await expected.add(step);
    // A compaction promises nothing: it may be on the disk later.
    const promised = step.type === 'compact' ? 0 : state;
    const outcome = { promised, failure: undefined as Error | undefined };
    outcomes.push(outcome);
    const done = carryOut(log, step).catch((error: Error) => {
      outcome.failure = error;
    });
    pending.push(done);
    if (outcomes.length % 3 === 0) await Promise.all(pending);
  }
  await Promise.all(pending);
  await log.close().catch(() => undefined);
  const first = outcomes.findIndex(({ failure }) => failure !== undefined);
  if (first < 0) return undefined;
  // Nothing is tried again, and nothing is acknowledged any more.
  for (const { failure } of outcomes.slice(first)) expect(failure).toMatchObject({ code: 'log-failed' });
  disk.crash('everything');
  const stored = await new FileLog('/log', { fileSystem: disk, segmentBytes: 4096 }).open();
  const found = expected.states.lastIndexOf(textOf(stored));
  expect(found).toBeGreaterThanOrEqual(Math.max(0, ...outcomes.slice(0, first).map(({ promised }) => promised)));
  return outcomes[first]?.failure;
}

it.each(['ENOSPC: no space left on device', 'EIO: i/o error'])(
  'a disk that fails at any call ends what waits, for good, and what was acknowledged is there: %s',
  async (message) => {
    let from = 0;
    for (let failure: Error | undefined = new Error(message); failure; from++) {
      const disk = new FaultyFileSystem(seeded(from));
      disk.failure = new Error(message);
      disk.failsFrom = from;
      failure = await live(disk);
      if (failure) expect(String(failure)).toContain(message);
    }
    expect(from).toBeGreaterThan(50);
  },
);

it('says so again when it is opened and closed on a failing disk', async () => {
  const disk = new FaultyFileSystem(seeded(1));
  const log = new FileLog('/log', { fileSystem: disk });
  disk.failsFrom = 0;
  await expect(log.open()).rejects.toThrow('EIO');
  expect(disk.locked).toBe(false);
});

it('puts what a failed sync left unwritten on the disk, before a restarted member relies on it', async () => {
  const disk = new FaultyFileSystem(seeded(1));
  const open = async (): Promise<{ log: FileLog; stored: string }> => {
    const log = new FileLog('/log', { fileSystem: disk });
    return { log, stored: textOf(await log.open()) };
  };
  const { log } = await open();
  for (const step of calls.slice(0, 3)) await carryOut(log, step);
  // What is written is seen, and the system tries to write it just once.
  disk.failsFrom = disk.calls + 1;
  const hardState = { term: 987_654, vote: undefined };
  await expect(log.append({ hardState, entries: [] })).rejects.toMatchObject({ code: 'log-failed' });
  await log.close();
  disk.crash('nothing');
  const restarted = await open();
  expect(restarted.stored).toContain('987654');
  disk.crash('everything');
  expect((await open()).stored).toBe(restarted.stored);
});

/** A log that is put on the disk by and by, with something that is not there yet. */
async function unsynced() {
  const [disk, clock] = [new FaultyFileSystem(seeded(1)), new VirtualClock()];
  const log = new FileLog('/log', { fileSystem: disk, clock, durability: 'interval', syncIntervalInMs: 50 });
  const told: Error[] = [];
  await log.open('a', (error) => told.push(error));
  await log.begin({
    owner: { member: 'a@1', gridId: 'g', founders: ['a@1'] },
    hardState: { term: 1, vote: undefined },
    base: { index: -1, term: 0, time: 0 },
    configuration: { voters: ['a@1'], learners: [] },
    entries: [],
  });
  const entry: Entry = { index: 0, term: 1, time: 0, kind: 'command', data: wrapPayload(new Uint8Array(1)) };
  await log.append({ hardState: undefined, entries: [entry] });
  return { disk, clock, log, told };
}

it('is told at once where a sync fails that nobody waits for', async () => {
  const { disk, clock, log, told } = await unsynced();
  disk.failsFrom = disk.calls;
  await clock.advance(49);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(told).toMatchObject([{ code: 'log-failed', message: expect.stringContaining('EIO') }]);
  await expect(log.append({ hardState: undefined, entries: [] })).rejects.toBe(told[0]);
  await log.close();
});

it('keeps neither its file nor its directory when the last sync fails', async () => {
  const { disk, log, told } = await unsynced();
  disk.failsFrom = disk.calls;
  await expect(log.close()).rejects.toMatchObject({ code: 'log-failed' });
  expect(disk).toMatchObject({ openFiles: 0, locked: false });
  expect(told).toEqual([]);
});
