// Uses the packages as their users do, from tarballs, in projects outside the workspace.
// usage: node tests/consumers/run.mjs (after a build)
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson } from '../../scripts/layers/workspace.mjs';
import { checkElector } from './elector.mjs';
import { checkEntries } from './entries.mjs';
import { packAll } from './project.mjs';

const root = join(import.meta.dirname, '../..');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'consumers-')));
try {
  console.log('# pack');
  const packed = packAll(root, join(scratch, 'tarballs'));
  for (const { manifest } of packed.values()) console.log(`${manifest.name} ${manifest.version}`);

  console.log('\n# every entry point, by import and by require()');
  const nodeTypes = readJson(join(root, 'package.json')).devDependencies['@types/node'];
  checkEntries(join(scratch, 'entries'), packed, { root, nodeTypes });

  console.log('\n# @hamok/raft alone: three processes elect a leader');
  await checkElector(join(scratch, 'elector'), packed);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
