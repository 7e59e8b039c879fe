// The rules of the layers. Each returns what it found wrong, one line a finding.
import { isBuiltin } from 'node:module';
import { circlesIn } from './circles.mjs';
import { layers } from './table.mjs';
import {
  dependenciesOf,
  developmentDependenciesOf,
  folderOfExport,
  resolveRelative,
  splitSpecifier,
} from './workspace.mjs';

/** What the manifests declare. */
export const checkManifests = (packages) => {
  const names = new Set(packages.map(({ name }) => name));
  return packages.flatMap(({ name, path, manifest }) => {
    const layer = layers[name];
    const found = [];
    if (!layer && path.startsWith('packages/')) found.push(`${path} is missing from the table of layers`);
    if (layer) {
      for (const dependency of dependenciesOf(manifest)) {
        if (names.has(dependency) && !layer.uses.includes(dependency))
          found.push(`${path}/package.json depends on ${dependency}: the layers do not allow it`);
      }
      for (const dependency of developmentDependenciesOf(manifest)) {
        if (layer.never?.includes(dependency))
          found.push(`${path}/package.json depends on ${dependency}: not even its tests may`);
      }
    }
    return found;
  });
};

/** What the modules import. `shared` are the dependencies of the root, which tests may use. */
export const checkImports = (packages, shared) => {
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  return packages.flatMap((owner) =>
    owner.modules.flatMap((module) =>
      module.imports.flatMap(({ specifier, line }) => {
        const wrong =
          specifier === undefined
            ? module.product && 'imports a computed name, which nothing can check'
            : checkImport(owner, module, specifier, { byName, shared });
        return wrong ? [`${owner.path}/${module.path}:${line} ${wrong}`] : [];
      }),
    ),
  );
};

const checkImport = (owner, module, specifier, { byName, shared }) => {
  const layer = layers[owner.name];
  const browserSafe = module.product && layer && !isUnder(module.path, layer.node);

  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = resolveRelative(module.path, specifier);
    if (specifier.startsWith('/') || target.startsWith('../')) return `imports ${specifier}, outside its own package`;
    if (module.product && !target.startsWith('src/')) return `imports ${specifier}, which is not product code`;
    if (browserSafe && isUnder(target, layer.node)) return `imports ${specifier}, which is for Node.js only`;
    return undefined;
  }
  if (isBuiltin(specifier)) {
    return browserSafe ? `imports ${specifier} outside the folders that are for Node.js only` : undefined;
  }

  const [name, subpath] = splitSpecifier(specifier);
  if (module.product && name === owner.name) return `imports ${specifier}, its own package, by name`;
  const target = byName.get(name);
  if (target && name !== owner.name) {
    if (layer?.never?.includes(name)) return `imports ${name}: not even its tests may`;
    if (module.product && layer && !layer.uses.includes(name)) return `imports ${name}, which the layers do not allow`;
  }
  if (!isDeclared(name, owner, module, shared)) return `imports ${name}, which its package.json does not declare`;
  if (target) {
    if (!(subpath in (target.manifest.exports ?? {}))) return `imports ${specifier}, which ${name} does not export`;
    if (browserSafe && layers[name]?.node?.includes(folderOfExport(target.manifest, subpath)))
      return `imports ${specifier}, which is for Node.js only`;
  }
  return undefined;
};

const isUnder = (path, folders = []) => folders.some((folder) => path.startsWith(`src/${folder}/`));

const isDeclared = (name, { name: own, manifest }, { product }, shared) =>
  dependenciesOf(manifest).includes(name) ||
  (!product && (name === own || developmentDependenciesOf(manifest).includes(name) || shared.includes(name)));

/** Circles between packages, whether by what they declare or by what they import. */
export const packageCircles = (packages) => {
  const names = new Set(packages.map(({ name }) => name));
  const graph = new Map(
    packages.map(({ name, manifest, modules }) => {
      const imported = modules.flatMap(({ imports }) =>
        imports.map(({ specifier }) => splitSpecifier(specifier ?? '')[0]),
      );
      const declared = [...dependenciesOf(manifest), ...developmentDependenciesOf(manifest)];
      return [
        name,
        new Set([...declared, ...imported.filter((other) => other !== name)].filter((other) => names.has(other))),
      ];
    }),
  );
  return circlesIn(graph);
};

/** Circles between the product modules of each package; `types` counts the imports that the compiler erases, too. */
export const moduleCircles = (packages, { types }) =>
  packages.flatMap(({ path, modules }) => {
    const product = modules.filter((module) => module.product);
    const graph = new Map(
      product.map((module) => {
        const asked = module.imports.filter(
          ({ specifier, typeOnly }) => specifier?.startsWith('.') && (types || !typeOnly),
        );
        return [module.path, new Set(asked.map(({ specifier }) => resolveRelative(module.path, specifier)))];
      }),
    );
    return circlesIn(graph).map((circle) => circle.map((module) => `${path}/${module}`));
  });
