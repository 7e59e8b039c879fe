import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Product } from '../product.js';
import type { ProductMutant } from './product-mutant.js';

/** The copies are compiled to CommonJS, so that they can be loaded and deleted in one go. */
const load: (path: string) => unknown = createRequire(import.meta.url);
const commonJs = '{"type":"commonjs"}';
const workspace = fileURLToPath(new URL('../../../../../', import.meta.url));
const compiler = join(workspace, 'node_modules/typescript/bin/tsc');
/** The packages that make a member, by their folders; and what they have from elsewhere, with who has it. */
const packages = ['messages', 'raft', 'collections', 'transport', 'snapshot', 'hamok'];
const dependencies = [
  ['raft', 'eventemitter3'],
  ['messages', '@bufbuild/protobuf'],
] as const;

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleDetection: 'force',
  types: [],
  // A mutant may leave imports unused or types unproven, and each file is compiled by itself: it only has to run.
  noCheck: true,
  noResolve: true,
  isolatedModules: true,
  rootDir: 'sources',
  outDir: 'packages',
};

/** The product with the bug in it. */
export function plantProduct(mutant: ProductMutant): Product {
  return plantPackage<Product>(mutant, 'hamok');
}

/** Compiles a copy of the product with the bug in it, and loads one of its packages. The copy is gone when this returns. */
export function plantPackage<P>({ name, edits }: ProductMutant, entry: string): P {
  const folder = mkdtempSync(join(tmpdir(), 'product-'));
  try {
    for (const each of packages) copy(each, folder);
    for (const { file, find, replace } of edits) {
      const path = join(folder, 'sources', file.replace('/src/', '/dist/'));
      const source = readFileSync(path, 'utf8');
      const occurrences = source.split(find).length - 1;
      if (occurrences !== 1) throw new Error(`mutant "${name}": its text occurs ${occurrences} times in ${file}`);
      const edited = source.replace(find, () => replace);
      writeFileSync(path, edited);
    }
    link(folder);
    writeFileSync(join(folder, 'package.json'), commonJs);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['sources'] }));
    execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'pipe' });
    return load(join(folder, 'packages', entry, 'dist', 'index.js')) as P;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copy(name: string, folder: string): void {
  const from = join(workspace, 'packages', name);
  cpSync(join(from, 'src'), join(folder, 'sources', name, 'dist'), { recursive: true });
  mkdirSync(join(folder, 'packages', name), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'packages', name, 'package.json'), JSON.stringify({ ...manifest, type: 'commonjs' }));
}

/** What the copies import is found among themselves, and the rest where it always is. */
function link(folder: string): void {
  const place = (target: string, name: string): void => {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path, 'dir');
  };
  for (const each of packages) {
    const target = join(folder, 'packages', each);
    place(target, each === 'hamok' ? each : `@hamok/${each}`);
  }
  for (const [owner, name] of dependencies) place(join(workspace, 'packages', owner, 'node_modules', name), name);
}
