// Fails on an import that points upward, a circle, an undeclared dependency, a deep import, and Node.js where browsers run.
// usage: node scripts/check-layers.mjs [root of the workspace]
import { join, resolve } from 'node:path';
import { checkImports, checkManifests, moduleCircles, packageCircles } from './layers/rules.mjs';
import { developmentDependenciesOf, readJson, readPackages } from './layers/workspace.mjs';

/** The layers from the top. Whatever one package may not use here, it may not know of. @type {Record<string, import('./layers/rules.mjs').Layer>} */
const layers = {
  hamok: { uses: ['@hamok/collections', '@hamok/raft', '@hamok/transport', '@hamok/snapshot', '@hamok/messages'] },
  '@hamok/collections': { uses: ['@hamok/messages'], never: ['@hamok/raft'] },
  '@hamok/raft': { uses: ['@hamok/messages'], node: ['file-log'] },
  '@hamok/transport': { uses: [], node: ['tcp'] },
  '@hamok/snapshot': { uses: [], node: ['file'] },
  '@hamok/messages': { uses: [] },
};

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const packages = readPackages(root);
const runtimeCircles = moduleCircles(packages, { types: false });

const findings = [
  ...checkManifests(packages, layers),
  ...checkImports(packages, layers, developmentDependenciesOf(readJson(join(root, 'package.json')))),
  ...packageCircles(packages).map((circle) => `circle between packages: ${circle.join(' -> ')}`),
  ...runtimeCircles.map((circle) => `circle between modules: ${circle.join(' -> ')}`),
];

// Types vanish when compiled, so two files that name each other's types do no harm.
if (runtimeCircles.length === 0) {
  for (const circle of moduleCircles(packages, { types: true }))
    console.log(`allowed, a circle of types only: ${circle.join(' -> ')}`);
}
for (const finding of findings) console.error(finding);
const modules = packages.reduce((sum, entry) => sum + entry.modules.length, 0);
console.log(`layers: ${packages.length} packages, ${modules} modules, ${findings.length} violations`);
process.exitCode = findings.length === 0 ? 0 : 1;
