// A PostgreSQL server of the story's own, in a folder of its own. It is reached by a socket there, and so needs no port.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const debian = '/usr/lib/postgresql';
const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
const folders = [
  ...versions.map((version) => join(debian, version, 'bin')),
  ...(process.env['PATH'] ?? '').split(delimiter),
];
const programs = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));

export const isInstalled = programs !== undefined;

/** @returns the variables by which `pg` finds it, and what ends it */
export function startDatabase() {
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'measurements-'));
  const data = join(folder, 'data');
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const run = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
    execFileSync(join(programs, program), ['-D', data, ...args], { ...user, cwd: folder, stdio: 'ignore' });
  run('initdb', '--username=postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C');
  run('pg_ctl', 'start', '-w', '-o', `-c listen_addresses= -c fsync=off -k ${folder}`);
  return {
    env: { PGHOST: folder, PGUSER: 'postgres', PGDATABASE: 'postgres' },
    stop() {
      run('pg_ctl', 'stop', '-w', '-m', 'immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} flag */
function idOf(flag) {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}
