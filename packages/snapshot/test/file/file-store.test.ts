import { mkdtemp, readdir, readFile as readWhole, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FileSnapshotStore, openSnapshotFile, readFile } from '../../src/file/index.js';
import { type SnapshotError, verifySnapshot } from '../../src/index.js';
import { contentOf, keep, metaAt, same, stateOf } from '../stores.js';

const scratch = await mkdtemp(join(tmpdir(), 'snapshot-files-'));
afterAll(() => rm(scratch, { recursive: true }));

let directory = '';
let count = 0;
beforeEach(() => {
  directory = join(scratch, `${count++}`, 'made on demand');
});

/** A store as another process would open it, and what it said of damaged files. */
function reopen(): { store: FileSnapshotStore; damaged: [string, SnapshotError][] } {
  const damaged: [string, SnapshotError][] = [];
  const store = new FileSnapshotStore({ directory, onDamaged: (path, error) => damaged.push([path, error]) });
  return { store, damaged };
}

const nameOf = (number: number): string => join(directory, `${String(number).padStart(16, '0')}.snapshot`);

describe('a store in files', () => {
  it('has what another process left', async () => {
    await keep(reopen().store, 41, stateOf(500_000));
    const latest = await reopen().store.latest();
    expect(latest?.meta).toEqual(metaAt(41));
    expect(same(await contentOf(latest), stateOf(500_000))).toBe(true);
  });

  it('keeps the last N', async () => {
    const store = new FileSnapshotStore({ directory, keep: 3 });
    for (let index = 0; index < 7; index++) await keep(store, index, stateOf(10));
    expect(await store.paths()).toEqual([nameOf(7), nameOf(6), nameOf(5)]);
    expect((await readdir(directory)).length).toBe(3);
    expect(() => new FileSnapshotStore({ directory, keep: 0 })).toThrow(RangeError);
  });

  it('writes containers that anybody can read', async () => {
    await keep(reopen().store, 41, stateOf(500_000));
    const { header, sections } = await verifySnapshot(readFile(nameOf(1)));
    expect(header).toMatchObject({ gridId: 'g', index: 41, voters: ['a@1', 'b@2'] });
    expect(sections).toEqual(new Map([['state', 500_000]]));
  });

  it('passes over a torn file, says so, and goes on from the one before', async () => {
    const { store } = reopen();
    await keep(store, 1, stateOf(500_000));
    await keep(store, 2, stateOf(500_000));
    await truncate(nameOf(2), 300_000);
    const again = reopen();
    expect((await again.store.latest())?.meta).toEqual(metaAt(1));
    expect(again.damaged.map(([path, error]) => [path, error.code])).toEqual([[nameOf(2), 'snapshot-damaged']]);
    expect(again.store.damage).toEqual([expect.stringMatching(/2\.snapshot: damaged at byte \d+: /)]);
  });

  it('has the latest one of a grid, behind those of others', async () => {
    const { store } = reopen();
    await keep(store, 1, stateOf(1000));
    await store.create({ ...metaAt(900), gridId: 'another' }).complete();
    for (const each of [store, reopen().store]) {
      expect((await each.latest())?.meta.gridId).toBe('another');
      expect((await each.latest('g'))?.meta).toEqual(metaAt(1));
      expect(await each.latest('none')).toBeUndefined();
    }
  });

  it.each([1, 2, 3])(
    'lets nothing of a grid go for the first of another, which may never begin (keep: %d)',
    async (n) => {
      const store = new FileSnapshotStore({ directory, keep: n });
      const write = async (gridId: string, index: number): Promise<void> => {
        await store.create({ ...metaAt(index), gridId }).complete();
      };
      await write('g', 1);
      for (const attempt of [1, 2, 3]) await write(`never ${attempt}`, 7);
      expect((await reopen().store.latest('g'))?.meta).toEqual(metaAt(1));
      for (let index = 0; index < 3; index++) await write('begun', index);
      expect((await store.paths()).length).toBe(n);
      expect(await reopen().store.latest('g')).toBeUndefined();
    },
  );

  it('does not count damaged files for those that it keeps, and never uses their names again', async () => {
    const { store } = reopen();
    for (const index of [1, 2]) await keep(store, index, stateOf(1000));
    await writeFile(nameOf(2), 'nothing that a store wrote');
    const again = reopen().store;
    await keep(again, 3, stateOf(1000));
    expect(await again.paths()).toEqual([nameOf(3), nameOf(2), nameOf(1)]);
    await keep(again, 4, stateOf(1000));
    expect(await again.paths()).toEqual([nameOf(4), nameOf(3)]);
  });

  it('begins anew where no file is whole', async () => {
    await keep(reopen().store, 1, stateOf(1000));
    await truncate(nameOf(1), 0);
    const { store, damaged } = reopen();
    expect(await store.latest()).toBeUndefined();
    expect(damaged.length).toBe(1);
    await keep(store, 2, stateOf(1000));
    expect((await reopen().store.latest())?.meta).toEqual(metaAt(2));
  });

  it('refuses to read what became damaged after it was opened', async () => {
    const stored = await keep(reopen().store, 1, stateOf(500_000));
    const bytes = await readWhole(nameOf(1));
    bytes[400_000] = (bytes[400_000] ?? 0) ^ 1;
    await writeFile(nameOf(1), bytes);
    expect(same(await stored.read(0, 100_000), stateOf(500_000).subarray(0, 100_000))).toBe(true);
    await expect(stored.read(300_000, 200_000)).rejects.toMatchObject({ code: 'snapshot-damaged' });
    await expect(openSnapshotFile(nameOf(1))).rejects.toMatchObject({ code: 'snapshot-damaged' });
  });

  it('takes the one that was begun last for the latest, whichever is ready first, as the next process will', async () => {
    const store = new FileSnapshotStore({ directory, keep: 1 });
    const [slow, fast] = [store.create(metaAt(1)), store.create(metaAt(900))];
    for (const writer of [slow, fast]) await writer.append(stateOf(1000));
    await fast.complete();
    expect(same(await contentOf(await slow.complete()), stateOf(1000))).toBe(true);
    for (const each of [store, reopen().store]) expect((await each.latest())?.meta).toEqual(metaAt(900));
  });

  it('leaves nothing of what was not finished', async () => {
    const { store } = reopen();
    const aborted = store.create(metaAt(1));
    await aborted.append(stateOf(1000));
    await aborted.abort();
    expect(await readdir(directory)).toEqual([]);
    const unfinished = store.create(metaAt(2));
    await unfinished.append(stateOf(1000));
    expect((await readdir(directory)).length).toBe(1);
    await reopen().store.latest();
    expect(await readdir(directory)).toEqual([]);
    await unfinished.abort();
  });

  it('tells when the disk does not take it, and has what it had before', async () => {
    const { store } = reopen();
    await keep(store, 1, stateOf(1000));
    const writer = store.create(metaAt(2));
    await writer.append(stateOf(1000));
    await rm(join(directory, (await readdir(directory)).find((name) => name.endsWith('.part')) ?? ''));
    await expect(writer.complete()).rejects.toMatchObject({ code: 'ENOENT' });
    await writer.abort();
    expect((await store.latest())?.meta).toEqual(metaAt(1));
    expect((await stat(nameOf(1))).isFile()).toBe(true);
  });
});
