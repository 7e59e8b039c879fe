import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDirectory } from '../../src/file-log/directory-lock.js';
import { FileLog } from '../../src/file-log/index.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hamok-lock-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Another process that has the lock, until it is killed. */
async function holder(): Promise<{ kill: () => Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'lock-holder.mjs'), [directory], { execArgv: [] });
  await once(child, 'message');
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

it('lets nobody in beside its owner, and the next one in after it', async () => {
  const unlock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'log-locked', directory });
  await unlock();
  expect(await readdir(directory)).toEqual([]);
  const again = await lockDirectory(directory);
  await again();
});

it('is let go by the death of its process, and by nothing else', async () => {
  const other = await holder();
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'log-locked' });
  const log = new FileLog(directory);
  await expect(log.open()).rejects.toMatchObject({ code: 'log-locked' });
  await other.kill();
  await log.open();
  await log.close();
  expect(await readdir(directory)).toEqual([]);
});

it('goes to one of those who find its owner dead', async () => {
  for (let round = 0; round < 3; round++) {
    const other = await holder();
    await other.kill();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
    const winners = tries.filter((outcome) => outcome.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const outcome of tries)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'log-locked' });
    await winners[0]?.value();
  }
});

it('does not mind how long the path is', async () => {
  const log = new FileLog(join(directory, 'a'.repeat(100), 'b'.repeat(100)));
  await log.open();
  await expect(new FileLog(log.directory).open()).rejects.toMatchObject({ code: 'log-locked' });
  await log.close();
});
