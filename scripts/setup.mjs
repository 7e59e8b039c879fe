// Installs the workspace with the pinned pnpm and runs the given turbo tasks, needing nothing but Node.js and npm.
// usage: node scripts/setup.mjs [task ...]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).packageManager;
const installed = spawnSync('pnpm', ['--version'], { encoding: 'utf8', cwd: '/' }).stdout?.trim();

const tasks = process.argv.slice(2).join(' ');
const install = 'pnpm install --frozen-lockfile --reporter=append-only';
const line = tasks ? `${install} && pnpm exec turbo run ${tasks} --output-logs=errors-only` : install;
const options = {
  // To stderr, so that what the command after this one prints is all there is on stdout: `npm start -s -- --json`.
  stdio: ['ignore', 2, 2],
  cwd: root,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', npm_config_loglevel: 'error' },
};

// turbo starts `pnpm` from the PATH, so both run inside one npx call where the pinned one is not installed.
const { status } =
  `pnpm@${installed}` === pinned
    ? spawnSync(line, { ...options, shell: true })
    : spawnSync('npx', ['-y', '--prefer-offline', '-p', pinned, '-c', line], options);
process.exit(status ?? 1);
