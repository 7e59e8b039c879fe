import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

/** Where a program is, in the PATH or in one of the folders; undefined where it is not installed. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...path].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folders of PostgreSQL as Debian installs it, the newest first. */
export function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'));
}

/** Says that tests are skipped for want of a server. Continuous integration has the servers: there it is a failure. */
export function reportMissing(server: string): void {
  if (process.env['CI'] === undefined) {
    console.warn(`SKIPPED: ${server} is not installed, and nothing was tested against it`);
    return;
  }
  it(`has a ${server} to be tested against`, () => expect.unreachable(`${server} is not installed`));
}

/** Who a program may be run as that refuses root. */
export function otherThanRoot(user: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

const firstPort = 10_000;
const ports = 20_000;

/**
 * A port of the loopback that nobody listens on: below those that systems give to connections, and each test process begins to look at
 * another place.
 */
export async function freePort(): Promise<number> {
  for (let port = firstPort + ((process.pid * 8) % ports); ; port++) if (await isFree(port)) return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Starts a program, and resolves when it says that it is ready. */
export async function startUntil(line: RegExp, program: string, ...given: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const said of createInterface(child.stdout)) {
    if (!line.test(said)) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error(`${program} ended before it was ready`);
}

/** Runs a program to its end. */
export function run(program: string, given: readonly string[], options: { uid?: number; gid?: number } = {}): void {
  const { status, stderr, stdout } = spawnSync(program, given, { ...options, encoding: 'utf8', cwd: '/' });
  if (status !== 0) throw new Error(`${program} ${given.join(' ')} ended with ${status}: ${stdout}${stderr}`);
}
