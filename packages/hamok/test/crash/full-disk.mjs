// A limit on the size of files is a disk that is full: the member stops and says so, and what it acknowledged is there later.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** @returns what was found, for people @throws where something is missing */
export function fillDisk(root) {
  const script = join(import.meta.dirname, 'limited.mjs');
  const directory = join(root, 'limited');
  const limited = `ulimit -f 200; exec "${process.execPath}" "${script}" "${directory}" 1000`;
  const full = JSON.parse(execFileSync('sh', ['-c', limited], { encoding: 'utf8' }));
  if (full.refusal === undefined || !full.errors.includes('log-failed'))
    throw new Error(`a full disk went unnoticed: ${JSON.stringify(full)}`);
  const after = JSON.parse(execFileSync(process.execPath, [script, directory, '0'], { encoding: 'utf8' }));
  if (after.held < full.acknowledged)
    throw new Error(`${after.held} are there of ${full.acknowledged} that a full disk had acknowledged`);
  return `a limit on the size of files: ${full.acknowledged} acknowledged, then ${full.errors}; ${after.held} are there later`;
}
