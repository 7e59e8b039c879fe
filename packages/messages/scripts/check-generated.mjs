// Fails when the committed generated code is not what the schemas generate.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = 'packages/messages/src/gen';
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The files below a folder, by their path in it. */
function filesOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

const fresh = mkdtempSync(join(tmpdir(), 'generated-'));
try {
  const { status } = spawnSync('buf', ['generate', '--output', fresh], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('buf generate failed');
  const expected = filesOf(join(fresh, OUT));
  const committed = filesOf(join(root, OUT));
  const paths = [...new Set([...expected.keys(), ...committed.keys()])];
  const stale = paths.filter((path) => expected.get(path) !== committed.get(path));
  if (stale.length > 0) {
    console.error(
      `Not what the schemas generate: ${stale.join(', ')}. Run \`pnpm --filter @hamok/messages generate\`.`,
    );
    process.exitCode = 1;
  } else {
    console.log(`${paths.length} generated files are current.`);
  }
} finally {
  rmSync(fresh, { recursive: true });
}
