import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileLog } from '@hamok/raft/file-log';
import { FileSnapshotStore } from '@hamok/snapshot/file';
import { MemoryNetwork } from '@hamok/transport/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Hamok } from '../src/index.js';
import { seeded } from './support/virtual-time.js';

const rounds = 60;
const acknowledged = 300;
/** How a member refuses files that were changed. */
const refusals = ['log-damaged', 'log-version', 'stored-state'];
const scratch = await mkdtemp(join(tmpdir(), 'hamok-damaged-'));
afterAll(() => rm(scratch, { recursive: true }));

/** A member alone, on a disk. */
function memberIn(directory: string): Hamok {
  return new Hamok({
    peerId: 'a',
    peers: ['a'],
    requestTimeoutInMs: 60_000,
    transport: new MemoryNetwork().transport(),
    raftLogs: fileLog(join(directory, 'log'), { segmentBytes: 4096 }),
    snapshots: {
      store: new FileSnapshotStore({ directory: join(directory, 'snapshots') }),
      entries: 50,
      keepEntries: 5,
    },
  });
}

/** The files of members that died, having acknowledged all that they wrote. */
let died: string[];

async function live(name: string): Promise<string> {
  const [directory, copy] = [join(scratch, `${name} lives`), join(scratch, name)];
  const member = memberIn(directory);
  await member.join({ maxRetry: -1 });
  const map = member.createMap<string, number>({ mapId: 'm' });
  // The last are written when nothing else is under way, and one is not asked for: the log may not have marked it yet.
  for (let i = 0; i <= acknowledged; i++) {
    if (i === acknowledged - 10) await member.raft?.takeSnapshot();
    await map.set(`key ${i}`, i);
  }
  await cp(directory, copy, { recursive: true, filter: (path) => !path.includes('lock.') });
  await member.close({ leave: false });
  return copy;
}

beforeAll(async () => {
  died = await Promise.all(['one', 'other'].map(live));
});

/** Does something to a file that is there, or two. Says what. */
async function damage(directory: string, other: string, random: () => number): Promise<string> {
  const files: string[] = [];
  for (const folder of ['log', 'snapshots']) {
    for (const name of await readdir(join(directory, folder))) files.push(join(folder, name));
  }
  const up = (limit: number): number => Math.floor(random() * limit);
  const pick = (): string => files[up(files.length)] ?? '';
  const name = pick();
  const path = join(directory, name);
  const bytes = await readFile(path);
  const how = up(5);
  if (how === 0) {
    const length = up(bytes.length);
    await writeFile(path, bytes.subarray(0, length));
    return `${name} cut off at ${length} of ${bytes.length}`;
  }
  if (how === 1) {
    const [at, bit] = [up(bytes.length), up(8)];
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
    await writeFile(path, bytes);
    return `${name} has bit ${bit} of byte ${at} flipped`;
  }
  if (how === 2) {
    const [from, to, length] = [up(bytes.length), up(bytes.length), up(600)];
    bytes.copy(bytes, to, from, from + length);
    await writeFile(path, bytes);
    return `${name} has ${length} bytes from ${from} at ${to}`;
  }
  if (how === 3) {
    const second = pick();
    await writeFile(path, await readFile(join(directory, second)));
    await writeFile(join(directory, second), bytes);
    return `${name} and ${second} changed places`;
  }
  const theirs = await readdir(join(other, name, '..'));
  const from = theirs[up(theirs.length)] ?? '';
  await writeFile(path, await readFile(join(other, name, '..', from)));
  return `${name} is ${from} of another member`;
}

describe('a member whose files were changed while it was dead', () => {
  it('is refused with the place, or has everything that it acknowledged', async () => {
    const outcomes = new Set<string>();
    const random = seeded(1);
    for (let round = 0; round < rounds; round++) {
      const [own = '', other = ''] = died;
      const directory = join(scratch, `damaged ${round}`);
      await cp(own, directory, { recursive: true });
      const what = await damage(directory, other, random);
      const member = memberIn(directory);
      const refusal = await member.join({ maxRetry: -1 }).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      if (refusal === undefined) {
        const map = member.createMap<string, number>({ mapId: 'm' });
        await member.waitUntilCommitHead();
        const missing = Array.from({ length: acknowledged }, (_, i) => i).filter((i) => map.get(`key ${i}`) !== i);
        expect(missing, what).toEqual([]);
      } else expect(refusals, what).toContain(refusal);
      outcomes.add(refusal ?? 'whole');
      await member.close({ leave: false });
      await rm(directory, { recursive: true });
    }
    for (const outcome of ['whole', 'log-damaged', 'stored-state']) expect(outcomes).toContain(outcome);
  }, 120_000);

  it('is told which snapshot its log begins behind, and what is wrong with it', async () => {
    const directory = join(scratch, 'without a snapshot');
    await cp(died[0] ?? '', directory, { recursive: true });
    const paths = await new FileSnapshotStore({ directory: join(directory, 'snapshots') }).paths();
    for (const path of paths) await writeFile(path, (await readFile(path)).subarray(0, 100));
    const member = memberIn(directory);
    const refusal = await member.join({ maxRetry: -1 }).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: 'stored-state', message: expect.stringContaining('damaged at byte 100') });
    for (const path of paths) expect(String(refusal)).toContain(path);
    await member.close();
  });
});

it('a member whose log is gone begins empty, whatever snapshots are left, or with one of them where it is given it', async () => {
  for (const isGiven of [false, true]) {
    const directory = join(scratch, `without a log, given: ${isGiven}`);
    await cp(died[0] ?? '', directory, { recursive: true });
    await rm(join(directory, 'log'), { recursive: true });
    const [newest = ''] = await new FileSnapshotStore({ directory: join(directory, 'snapshots') }).paths();
    const member = memberIn(directory);
    if (isGiven) await member.import(await readFile(newest));
    await member.join({ maxRetry: -1 });
    const map = member.createMap<string, number>({ mapId: 'm' });
    await member.waitUntilCommitHead();
    expect(map.get('key 0')).toBe(isGiven ? 0 : undefined);
    expect(map.size >= acknowledged - 10).toBe(isGiven);
    await member.close({ leave: false });
  }
});
