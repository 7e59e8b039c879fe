import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSnapshotStore } from '../src/file/index.js';
import { type Compression, MemorySnapshotStore, type SnapshotStore } from '../src/index.js';
import { contentOf, keep, metaAt, same, stateOf } from './stores.js';

const scratch = await mkdtemp(join(tmpdir(), 'snapshot-stores-'));
afterAll(() => rm(scratch, { recursive: true }));

let directories = 0;
const kinds: [string, (compression: Compression) => SnapshotStore][] = [
  ['memory', (compression) => new MemorySnapshotStore({ compression })],
  ['files', (compression) => new FileSnapshotStore({ directory: join(scratch, `${directories++}`), compression })],
];

describe.each(kinds)('a store in %s', (_, make) => {
  it('has nothing before it was given something', async () => {
    expect(await make('none').latest()).toBeUndefined();
  });

  it.each(['none', 'deflate'] as const)('gives back any part of what it was given (compression: %s)', async (mode) => {
    const store = make(mode);
    const state = stateOf(600_001);
    const stored = await keep(store, 41, state);
    expect(stored.meta).toEqual(metaAt(41));
    expect(stored.size).toBe(600_001);
    expect(same(await contentOf(stored), state)).toBe(true);
    for (const [offset, length] of [
      [0, 1],
      [99_999, 2],
      [100_000, 250_000],
      [599_999, 100],
      [600_001, 10],
      [700_000, 10],
    ] as const) {
      const part = state.subarray(offset, offset + length);
      expect(same(await stored.read(offset, length), part), `${offset}`).toBe(true);
    }
  });

  it('has the latest one that was completed, whatever its index', async () => {
    const store = make('none');
    await keep(store, 900, stateOf(10));
    await keep(store, 41, stateOf(20));
    expect((await store.latest())?.meta).toEqual(metaAt(41));
  });

  it('has the latest one of each grid that it still holds', async () => {
    const store = make('none');
    await keep(store, 1, stateOf(10));
    expect((await store.latest('g'))?.meta).toEqual(metaAt(1));
    expect(await store.latest('another')).toBeUndefined();
  });

  it('lets who reads one go on when a newer one takes its place', async () => {
    const store = make('none');
    const first = await keep(store, 1, stateOf(300_000));
    for (let index = 2; index < 6; index++) await keep(store, index, stateOf(10));
    expect(same(await contentOf(first), stateOf(300_000))).toBe(true);
  });

  it('drops what was aborted, or never completed', async () => {
    const store = make('none');
    await keep(store, 1, stateOf(10));
    const writer = store.create(metaAt(2));
    await writer.append(stateOf(10));
    await writer.abort();
    const unfinished = store.create(metaAt(3));
    await unfinished.append(stateOf(5));
    await store.create(metaAt(4)).abort();
    expect((await store.latest())?.meta).toEqual(metaAt(1));
    await unfinished.abort();
  });

  it('keeps a state of no bytes', async () => {
    const stored = await make('none').create(metaAt(7)).complete();
    expect(stored.size).toBe(0);
    expect(await stored.read(0, 10)).toEqual(new Uint8Array(0));
  });
});
