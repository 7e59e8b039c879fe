import { join } from 'node:path';
import { checkImports, checkManifests, moduleCircles, packageCircles } from './rules.mjs';
import { developmentDependenciesOf, readJson, readPackages } from './workspace.mjs';

/**
 * @typedef {object} Verdict
 * @property {string[]} violations
 * @property {string[]} allowed what looks like a violation and is none
 * @property {string} examined how much was looked at
 */

/** @param {string} root of a workspace @returns {Verdict} */
export const checkWorkspace = (root) => {
  const packages = readPackages(root);
  const circles = moduleCircles(packages, { types: false });
  // Types vanish when compiled, so two modules that name each other's types do no harm.
  const circlesOfTypes = circles.length === 0 ? moduleCircles(packages, { types: true }) : [];
  const modules = packages.reduce((sum, entry) => sum + entry.modules.length, 0);
  return {
    violations: [
      ...checkManifests(packages),
      ...checkImports(packages, developmentDependenciesOf(readJson(join(root, 'package.json')))),
      ...packageCircles(packages).map((circle) => `circle between packages: ${circle.join(' -> ')}`),
      ...circles.map((circle) => `circle between modules: ${circle.join(' -> ')}`),
    ],
    allowed: circlesOfTypes.map((circle) => `circle of types only: ${circle.join(' -> ')}`),
    examined: `${packages.length} packages, ${modules} modules`,
  };
};
