import process from 'node:process';
import type { RunJob } from './run-worker.js';

/** The command that runs the same again, for the shell, by the package manager that this was run with. */
export function replayOf({ what, seed, ticks, overrides, bug }: RunJob): string {
  const isNpm = process.env['npm_config_user_agent']?.startsWith('npm/') === true;
  const plan = Object.keys(overrides).length > 0 ? ` --plan ${quoted(JSON.stringify(overrides))}` : '';
  const planted = bug === undefined ? '' : ` --bug ${quoted(bug)}`;
  const sim = isNpm ? 'npm run sim --' : 'pnpm sim';
  return `${sim} --what ${what} --seeds 1 --from ${seed} --ticks ${ticks} --shrink 0${plan}${planted}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
