// Runs a line of shell in which `pnpm` is the pinned one, needing nothing but Node.js and npm.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const pinned = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).packageManager;

/**
 * What the line prints goes to stderr, so that the command that asked for it has stdout to itself: `npm start -s -- --json`.
 *
 * @param {string} line
 * @param {string} cwd
 * @returns {number} its exit code
 */
export const runWithPnpm = (line, cwd) => {
  const options = {
    stdio: ['ignore', 2, 2],
    cwd,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', npm_config_loglevel: 'error' },
  };
  // Asked outside the workspace, where no pin can make it answer for another version.
  const installed = spawnSync('pnpm', ['--version'], { encoding: 'utf8', cwd: '/' }).stdout?.trim();
  // turbo starts `pnpm` from the PATH, so the whole line runs inside one npx call where the pinned one is not installed.
  const { status } =
    `pnpm@${installed}` === pinned
      ? spawnSync(line, { ...options, shell: true })
      : spawnSync('npx', ['-y', '--prefer-offline', '-p', pinned, '-c', line], options);
  return status ?? 1;
};
