// Fails on an import that points upward, a circle, an undeclared dependency, a deep import, and Node.js where browsers run.
// usage: node scripts/check-layers.mjs [root of the workspace]
import { join, resolve } from 'node:path';
import { checkImports, checkManifests, moduleCircles, packageCircles } from './layers/rules.mjs';
import { developmentDependenciesOf, readJson, readPackages } from './layers/workspace.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const packages = readPackages(root);
const runtimeCircles = moduleCircles(packages, { types: false });

const findings = [
  ...checkManifests(packages),
  ...checkImports(packages, developmentDependenciesOf(readJson(join(root, 'package.json')))),
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
