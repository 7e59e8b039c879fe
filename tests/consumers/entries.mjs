// Installs all packages into one project, loads every entry point both ways and compiles TypeScript against each.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { layers } from '../../scripts/layers/table.mjs';
import { folderOfExport } from '../../scripts/layers/workspace.mjs';
import { makeProject } from './project.mjs';

export const checkEntries = (directory, packed, { root, nodeTypes }) => {
  const manifests = [...packed.values()].map(({ manifest }) => manifest);
  const peers = Object.assign({}, ...manifests.map(({ peerDependencies }) => peerDependencies));
  makeProject(directory, packed, {
    names: [...packed.keys()],
    others: { ...peers, '@types/node': nodeTypes },
    files: join(import.meta.dirname, 'entries'),
  });

  const entryPoints = manifests.flatMap(entryPointsOf);
  const entries = entryPoints.map(({ id }) => id);
  for (const order of ['import-first', 'require-first'])
    execFileSync(process.execPath, ['check-instances.mjs', order, ...entries], { cwd: directory, stdio: 'inherit' });

  const forBrowsers = entryPoints.filter(({ isForNode }) => !isForNode).map(({ id }) => id);
  compile(directory, root, { name: 'node', entries, lib: ['ES2023'], types: ['node'] });
  compile(directory, root, { name: 'browser', entries: forBrowsers, lib: ['ES2023', 'DOM'], types: [] });
};

const entryPointsOf = (manifest) =>
  Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => ({
      id: posix.join(manifest.name, subpath),
      isForNode: layers[manifest.name]?.node?.includes(folderOfExport(manifest, subpath)) ?? false,
    }));

/** Compiles an ES module and a CommonJS one that load the entries, declarations of all packages checked as well. */
const compile = (directory, root, { name, entries, lib, types }) => {
  const list = entries.map((_, index) => `entry${index}`).join(', ');
  const statements = (write) => `${entries.map(write).join('\n')}\nexport const all: readonly object[] = [${list}];\n`;
  writeFileSync(
    join(directory, `${name}.mts`),
    statements((id, index) => `import * as entry${index} from '${id}';`),
  );
  writeFileSync(
    join(directory, `${name}.cts`),
    statements((id, index) => `import entry${index} = require('${id}');`),
  );

  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2022',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    lib,
    types,
  };
  const files = [`${name}.mts`, `${name}.cts`];
  writeFileSync(join(directory, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], { cwd: directory, stdio: 'inherit' });
  console.log(`TypeScript for ${name}: ${entries.length} entry points compile, declarations checked`);
};
