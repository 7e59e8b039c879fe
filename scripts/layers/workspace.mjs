// The packages of the workspace as they stand on disk, with what each of their modules imports.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { importsOf } from './imports.mjs';

/**
 * @typedef {object} Module
 * @property {string} path relative to its package, with `/`
 * @property {boolean} product under `src/`, so users get it; anything else is tests, benchmarks and scripts
 * @property {import('./imports.mjs').Import[]} imports
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} path relative to the root, with `/`
 * @property {Record<string, any>} manifest its package.json
 * @property {Module[]} modules
 */

const groups = ['packages', 'examples'];
const notOurs = new Set(['node_modules', 'dist', '.turbo']);
const isCode = /\.[cm]?[jt]sx?$/;

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** @returns {Package[]} */
export const readPackages = (root) =>
  groups
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => posix.join(group, name)))
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .map((path) => {
      const manifest = readJson(join(root, path, 'package.json'));
      return { name: manifest.name, path, manifest, modules: [...modulesUnder(join(root, path))] };
    });

function* modulesUnder(directory, top = directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const full = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!notOurs.has(entry.name)) yield* modulesUnder(full, top);
    } else if (isCode.test(entry.name)) {
      const path = relative(top, full).replaceAll(sep, '/');
      yield { path, product: path.startsWith('src/'), imports: importsOf(full, readFileSync(full, 'utf8')) };
    }
  }
}

/** Every package.json field by which one package asks for another, and who gets to use it. */
export const dependenciesOf = ({ dependencies, peerDependencies, optionalDependencies }) =>
  Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });

export const developmentDependenciesOf = ({ devDependencies }) => Object.keys(devDependencies ?? {});

/** `@scope/name/sub/path` as `['@scope/name', './sub/path']`; the main entry is `.`. */
export const splitSpecifier = (specifier) => {
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return [name, ['.', ...parts].join('/')];
};

/** The folder of `src/` that a package shows under a subpath. */
export const folderOfExport = ({ exports }, subpath) => {
  const target = exports?.[subpath]?.default ?? exports?.[subpath];
  return typeof target === 'string' ? posix.dirname(target).replace(/^\.\/dist\/?/, '') : subpath.slice(2);
};

/** The module of the package that a relative import names, or its path as written where there is none. */
export const resolveRelative = (from, specifier) => {
  const target = posix.join(posix.dirname(from), specifier);
  return target.replace(/\.([cm]?)js$/, '.$1ts');
};
