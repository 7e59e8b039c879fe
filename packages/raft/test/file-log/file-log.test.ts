import { beforeEach, describe, expect, it } from 'vitest';
import { FileLog, type FileLogOptions, inspectLog } from '../../src/file-log/index.js';
import type { Entry, LogContents } from '../../src/index.js';
import { wrapPayload } from '../../src/wire/entries.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { FaultyFileSystem } from './faulty-file-system.js';
import { seeded } from './seeded.js';

let disk: FaultyFileSystem;
let clock: VirtualClock;

beforeEach(() => {
  disk = new FaultyFileSystem(seeded(1));
  clock = new VirtualClock();
});

const configuration = { voters: ['a@1', 'b@2'], learners: [] };
const contents: LogContents = {
  owner: { member: 'a@1', gridId: 'g', founders: configuration.voters },
  hardState: { term: 1, vote: 'a@1' },
  base: { index: -1, term: 0, time: 0 },
  configuration,
  entries: [],
};

const entry = (index: number, bytes = 100): Entry => {
  return { index, term: 1, time: index, kind: 'command', data: wrapPayload(new Uint8Array(bytes)) };
};

async function begun(options: FileLogOptions = {}): Promise<FileLog> {
  const log = new FileLog('/log', { fileSystem: disk, clock, ...options });
  await log.open();
  await log.begin(contents);
  return log;
}

const segments = (): number => disk.names.filter((name) => name.endsWith('.log')).length;

describe('a log in files', () => {
  it('carries out one call after another, each made when the one before has ended', async () => {
    const log = await begun();
    for (let index = 0; index < 20; index++) await log.append({ hardState: undefined, entries: [entry(index)] });
    await log.close();
    expect((await log.open())?.entries).toHaveLength(20);
    await log.close();
  });

  it.each([1, 2.5, 2 ** 31, -1])('refuses a configuration of two voters, of %d at the most', async (mostVoters) => {
    const log = new FileLog('/log', { fileSystem: disk, clock });
    await log.open();
    await log.begin({ ...contents, configuration: { ...configuration, mostVoters } });
    await log.close();
    await expect(log.open()).rejects.toMatchObject({ code: 'log-damaged' });
  });

  it('puts what is called meanwhile on the disk with one sync', async () => {
    const log = await begun();
    await log.append({ hardState: undefined, entries: [entry(0)] });
    const { syncs } = disk;
    const appends = Array.from({ length: 50 }, (_, i) => log.append({ hardState: undefined, entries: [entry(1 + i)] }));
    await Promise.all(appends);
    expect(disk.syncs - syncs).toBe(2);
  });

  it.each(['interval', 'os'] as const)(
    'syncs terms and votes at the level %s too, and entries not at once',
    async (durability) => {
      const log = await begun({ durability, syncIntervalInMs: 50 });
      const { syncs } = disk;
      await log.append({ hardState: undefined, entries: [entry(0)] });
      expect(disk.syncs - syncs).toBe(0);
      await log.append({ hardState: { term: 2, vote: undefined }, entries: [] });
      expect(disk.syncs - syncs).toBe(1);
      await log.append({ hardState: undefined, entries: [entry(1)] });
      await clock.advance(60);
      expect(disk.syncs - syncs).toBe(durability === 'interval' ? 2 : 1);
      await log.close();
      expect(clock.pending).toBe(0);
    },
  );

  it('drops segments behind a snapshot, and only those', async () => {
    const log = await begun({ segmentBytes: 4096 });
    const entries = Array.from({ length: 200 }, (_, i) => entry(i));
    await log.append({ hardState: undefined, entries });
    const before = segments();
    expect(before).toBeGreaterThan(5);
    await log.compact({ index: 99, term: 1, time: 99 }, configuration);
    expect(segments()).toBeLessThan(before - 1);
    await log.close();
    const stored = await log.open();
    expect(stored?.base.index).toBe(99);
    expect(stored?.entries.map(({ index }) => index)).toEqual(entries.slice(100).map(({ index }) => index));
    await log.compact({ index: 300, term: 1, time: 300 }, configuration);
    expect(segments()).toBe(1);
    await log.append({ hardState: undefined, entries: [entry(301)] });
    await log.close();
  });

  it('takes entries that are longer than a segment, and than the memory it writes from', async () => {
    const log = await begun({ segmentBytes: 4096 });
    await log.append({ hardState: undefined, entries: [entry(0, 600_000), entry(1), entry(2, 5000)] });
    await log.close();
    expect((await log.open())?.entries.map(({ data }) => data.byteLength > 5000)).toEqual([true, false, true]);
  });

  it('says that what it holds may not be complete, below the level always and where a run did not end in order', async () => {
    for (const durability of ['always', 'interval', 'os'] as const) {
      disk = new FaultyFileSystem(seeded(1));
      const log = await begun({ durability });
      await log.append({ hardState: undefined, entries: [entry(0)] });
      disk.crash('nothing');
      const next = new FileLog('/log', { fileSystem: disk, durability });
      expect((await next.open())?.complete).toBe(durability === 'always');
      // Nobody took it up: it is still so.
      await next.close();
      expect((await next.open())?.complete).toBe(durability === 'always');
      await next.begin(contents);
      await next.close();
      expect((await next.open())?.complete).toBe(true);
      await next.close();
    }
  });

  it('begins again in the place of what was there, and is nobody’s once it is cleared', async () => {
    const log = await begun();
    await log.append({ hardState: undefined, entries: [entry(0)] });
    const owner = { ...contents.owner, member: 'a@2' };
    await log.begin({ ...contents, owner, entries: [entry(0), entry(1)] });
    await log.close();
    expect(await log.open()).toMatchObject({ owner, complete: true, entries: [{ index: 0 }, { index: 1 }] });
    await log.clear();
    await log.close();
    expect(await log.open()).toBeUndefined();
    expect(segments()).toBe(1);
    await log.close();
  });

  it('is found whole while it is written and compacted, whatever is done in the midst of the reading', async () => {
    const log = await begun({ segmentBytes: 4096 });
    let [index, calls] = [0, 0];
    const goOn = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) await log.append({ hardState: undefined, entries: [entry(index++, 3000)] });
      await log.compact({ index: index - 2, term: 1, time: index - 2 }, configuration);
    };
    const reading = new Proxy(disk, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const result: unknown = await value.apply(target, args);
          if (++calls % 17 === 0) await goOn();
          return result;
        };
      },
    });
    while (index < 300) expect((await inspectLog('/log', reading)).damage).toBeUndefined();
    await log.close();
  });

  it.each([
    ['directory', '', {}],
    ['durability', '/log', { durability: 'sometimes' }],
    ['syncIntervalInMs', '/log', { syncIntervalInMs: 0 }],
    ['segmentBytes', '/log', { segmentBytes: 100 }],
  ])('refuses a wrong %s', (field, directory, options) => {
    expect(() => new FileLog(directory, options as FileLogOptions)).toThrow(expect.objectContaining({ field }));
  });
});
