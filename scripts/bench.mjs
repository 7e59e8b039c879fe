// Runs the benchmarks of every package, one after another so that none disturbs another's figures.
// usage: node scripts/bench.mjs (after a build)
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readPackages } from './layers/workspace.mjs';

const root = join(import.meta.dirname, '..');
for (const { name, path, manifest } of readPackages(root)) {
  for (const script of Object.keys(manifest.scripts ?? {}).filter((script) => /^bench(:|$)/.test(script))) {
    console.log(`\n# ${name} ${script}`);
    const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: join(root, path), stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
