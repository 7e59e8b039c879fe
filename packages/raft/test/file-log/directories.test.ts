import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileLog } from '../../src/file-log/index.js';

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

it('puts the names of directories that it made on the disk, lest a log vanish with them', async () => {
  const log = new FileLog(join(scratch, 'of', 'a', 'member'));
  await log.open();
  expect(synced).toEqual(
    expect.arrayContaining([scratch, join(scratch, 'of'), join(scratch, 'of', 'a'), log.directory]),
  );
  await log.close();
  // The process before may have died in between.
  synced.length = 0;
  await log.open();
  expect(synced).toContain(join(scratch, 'of', 'a'));
  await log.close();
});
