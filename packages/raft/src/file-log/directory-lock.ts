import { createHash, randomBytes } from 'node:crypto';
import { link, open, readdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { LogLockedError } from '../errors.js';

const lockPattern = /^lock\.([1-9]\d*)$/;
const candidatePattern = /^lock\.new\.[0-9a-f]+$/;

/**
 * Keeps other processes out of a directory, until the returned function is called or this process ends, however it ends.
 *
 * The lock is a socket in the directory, on which its owner listens: whether that lives is asked of the kernel, and not of a
 * process id, which another process may have by now. Locks are numbered, and the highest counts: whoever finds it dead makes the
 * next one, which only one can do. This holds among the processes of one machine, also where they run in different containers.
 *
 * @throws {LogLockedError} while another process has it
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  if (process.platform === 'win32') return await lockByPipe(directory);
  // A path of a socket may have some hundred bytes: on Linux there is a short one to every open directory.
  const handle = await open(directory, 'r');
  const short = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : directory;
  try {
    return await lockBySocket(directory, short);
  } finally {
    await handle.close();
  }
}

async function lockBySocket(directory: string, short: string): Promise<() => Promise<void>> {
  const candidate = `lock.new.${randomBytes(8).toString('hex')}`;
  const server = await listen(join(short, candidate));
  try {
    const name = await acquire(directory, short, candidate);
    await sweep(directory, short, name);
    return async () => {
      await rm(join(directory, name), { force: true });
      await close(server);
    };
  } catch (error) {
    await close(server);
    throw error;
  } finally {
    await rm(join(directory, candidate), { force: true });
  }
}

/** Gives a socket that listens already the next number. */
async function acquire(directory: string, short: string, candidate: string): Promise<string> {
  for (;;) {
    const highest = await highestLock(directory);
    if (highest > 0 && (await isAlive(join(short, `lock.${highest}`)))) throw new LogLockedError(directory);
    const name = `lock.${highest + 1}`;
    if (!(await tryLink(directory, candidate, name))) continue;
    // Who looked long ago may have made one that is behind by now, or beside one of those who came meanwhile.
    const isHighest = (await highestLock(directory)) === highest + 1;
    const isOnly = !(await isOtherAlive(directory, short, name));
    if (isHighest && isOnly) return name;
    await rm(join(directory, name));
    if (!isOnly) throw new LogLockedError(directory);
  }
}

/** False where the name is taken. */
async function tryLink(directory: string, candidate: string, name: string): Promise<boolean> {
  try {
    await link(join(directory, candidate), join(directory, name));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Whoever has the lock by now took the candidate for one that was left behind.
    if (codeOf(error) === 'ENOENT') throw new LogLockedError(directory);
    throw error;
  }
}

async function highestLock(directory: string): Promise<number> {
  const numbers = (await readdir(directory)).map((name) => Number(lockPattern.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function isOtherAlive(directory: string, short: string, own: string): Promise<boolean> {
  for (const name of await readdir(directory)) {
    if (name !== own && lockPattern.test(name) && (await isAlive(join(short, name)))) return true;
  }
  return false;
}

/** Removes what dead processes left. */
async function sweep(directory: string, short: string, own: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const isLeft =
      name !== own && (lockPattern.test(name) || (candidatePattern.test(name) && !(await isAlive(join(short, name)))));
    if (isLeft) await rm(join(directory, name), { force: true });
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Whatever else is wrong, its owner may live.
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')));
  });
}

async function lockByPipe(directory: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex');
  const server = await listen(`\\\\.\\pipe\\hamok-log-${name}`).catch((error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE' ? new LogLockedError(directory) : error;
  });
  return () => close(server);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server.unref()));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
