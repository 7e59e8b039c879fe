import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { RaftCore } from '@hamok/raft';
import type { CoreFactory } from '../world/cluster.js';
import type { Mutant, Patch } from './mutant.js';

const workspace = new URL('../../../../', import.meta.url);
const sources = fileURLToPath(new URL('packages/raft/src/', workspace));
const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', workspace));
/** The copies are compiled to CommonJS, so that they can be loaded and deleted in one go. */
const load = createRequire(import.meta.url);
const parts = ['core', 'identity', 'ports', 'errors.ts'];

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  types: [],
  // A mutant may leave imports unused or types unproven: it only has to run.
  noCheck: true,
  outDir: 'out',
  rootDir: 'src',
};

/** Compiles a copy of the core with the bug in it. The copy is gone when this returns. */
export function plant(mutant: Mutant): CoreFactory {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const part of parts) cpSync(join(sources, part), join(folder, 'src', part), { recursive: true });
    for (const patch of [mutant, ...(mutant.also ?? [])]) apply(patch, folder, mutant.name);
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    const files = ['src/core/raft-core.ts'];
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'pipe' });
    const module: { RaftCore: typeof RaftCore } = load(join(folder, 'out', 'core', 'raft-core.js'));
    return (options) => new module.RaftCore(options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function apply({ file, find, replace }: Patch, folder: string, name: string): void {
  const path = join(folder, 'src', 'core', file);
  const source = readFileSync(path, 'utf8');
  const occurrences = source.split(find).length - 1;
  if (occurrences !== 1) throw new Error(`mutant "${name}": its text occurs ${occurrences} times in ${file}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
}
