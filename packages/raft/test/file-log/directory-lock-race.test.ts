import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lockDirectory } from '../../src/file-log/directory-lock.js';

/** What happens while somebody is about to give a lock its number. */
const race = vi.hoisted(() => ({ meanwhile: async (): Promise<void> => {} }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const link: typeof real.link = async (from, to) => {
    const { meanwhile } = race;
    race.meanwhile = async () => {};
    await meanwhile();
    await real.link(from, to);
  };
  return { ...real, link };
});

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hamok-lock-race-'));
});

afterEach(() => rm(directory, { recursive: true }));

it('has one owner where two others come and go, and come again, while somebody who found it dead is slow', async () => {
  const dead = fork(join(import.meta.dirname, 'lock-holder.mjs'), [directory], { execArgv: [] });
  await once(dead, 'message');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  let unlock: (() => Promise<void>) | undefined;
  race.meanwhile = async () => {
    await (await lockDirectory(directory))();
    unlock = await lockDirectory(directory);
  };
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'log-locked' });
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'log-locked' });
  await unlock?.();
  await (await lockDirectory(directory))();
});
