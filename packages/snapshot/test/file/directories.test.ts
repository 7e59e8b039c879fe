import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileSnapshotStore } from '../../src/file/index.js';
import { keep, stateOf } from '../stores.js';

/** Paths of what was synced. */
const synced = vi.hoisted((): string[] => []);

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (path, ...others) => {
    const handle = await real.open(path, ...others);
    const sync = handle.sync.bind(handle);
    handle.sync = () => {
      synced.push(String(path));
      return sync();
    };
    return handle;
  };
  return { ...real, open };
});

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hamok-names-'));
  synced.length = 0;
});

afterEach(() => rm(scratch, { recursive: true }));

it('puts the names of directories that it made on the disk, lest snapshots vanish with them', async () => {
  const directory = join(scratch, 'of', 'a', 'member');
  await keep(new FileSnapshotStore({ directory }), 1, stateOf(1000));
  expect(synced).toEqual(expect.arrayContaining([scratch, join(scratch, 'of'), join(scratch, 'of', 'a'), directory]));
});

it('puts the names of snapshots that it finds on the disk, before anyone relies on them', async () => {
  const directory = join(scratch, 'snapshots');
  await keep(new FileSnapshotStore({ directory }), 1, stateOf(1000));
  synced.length = 0;
  expect((await new FileSnapshotStore({ directory }).latest())?.meta.position.index).toBe(1);
  expect(synced).toContain(directory);
});
