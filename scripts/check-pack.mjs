// Packs the package of the working directory as a release would, and checks the tarball that users would get.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'check-pack-'));
const bin = (name) => join(import.meta.dirname, '../node_modules/.bin', name);
const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

try {
  const packed = execFileSync('pnpm', ['pack', '--json', '--pack-destination', scratch], { encoding: 'utf8' });
  const { filename, files } = JSON.parse(packed);
  const paths = files.map(({ path }) => path);

  const findings = [
    ...['README.md', 'LICENSE', 'package.json']
      .filter((path) => !paths.includes(path))
      .map((path) => `${path} is missing`),
    ...paths
      .filter((path) => !/^(dist|src)\/|^([A-Z-]+\.md|LICENSE|package\.json)$/.test(path))
      .map((path) => `${path} does not belong`),
    ...paths.filter((path) => path.endsWith('.tsbuildinfo')).map((path) => `${path} does not belong`),
    // The compiler leaves the output of files that are gone.
    ...paths
      .filter((path) => /^dist\/.*\.js$/.test(path) && !existsSync(path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')))
      .map((path) => `${path} is stale: its source is gone, remove dist`),
  ];
  for (const finding of findings) console.error(`${filename}: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;

  run(bin('publint'), 'run', filename, '--strict');
  run(bin('attw'), filename, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji');
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
