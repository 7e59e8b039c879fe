// Runs an example. usage: node scripts/example.mjs [name] (after a build)
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readPackages } from './layers/workspace.mjs';

const root = join(import.meta.dirname, '..');
const examples = readPackages(root).filter(
  ({ path, manifest }) => path.startsWith('examples/') && manifest.scripts?.start,
);
const nameOf = ({ path }) => path.slice('examples/'.length);

const [name, ...args] = process.argv.slice(2);
const example = examples.find((candidate) => nameOf(candidate) === name);
if (example === undefined) {
  const lines = examples.map((each) => `  ${nameOf(each).padEnd(22)}${each.manifest.description}`);
  console.error(`usage: npm run example -- <name>\n\n${lines.join('\n')}`);
  process.exit(2);
}
const { status } = spawnSync('npm', ['start', '--silent', '--', ...args], {
  cwd: join(root, example.path),
  stdio: 'inherit',
});
process.exit(status ?? 1);
