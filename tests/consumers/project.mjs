// Projects as users have them: outside the workspace, with nothing but tarballs installed by npm.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWithPnpm } from '../../scripts/pnpm.mjs';

/**
 * @typedef {object} Packed
 * @property {string} tarball
 * @property {Record<string, any>} manifest as published
 */

/** Packs every package of the workspace. @returns {Map<string, Packed>} by name */
export const packAll = (root, destination) => {
  mkdirSync(destination);
  const status = runWithPnpm(
    `pnpm -r --filter "./packages/*" --filter "!@hamok/simulator" --reporter=silent pack --pack-destination "${destination}"`,
    root,
  );
  if (status !== 0) throw new Error('pnpm pack failed');
  return new Map(
    readdirSync(destination).map((file) => {
      const tarball = join(destination, file);
      const manifest = JSON.parse(
        execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }),
      );
      return [manifest.name, { tarball, manifest }];
    }),
  );
};

/**
 * Makes a project that depends on `names`; what those need of the workspace comes from the tarballs as well.
 *
 * @param {string} directory
 * @param {Map<string, Packed>} packed
 * @param {{ names: string[], others?: Record<string, string>, files: string }} options `others`: more dependencies; `files`: a folder to copy in
 */
export const makeProject = (directory, packed, { names, others = {}, files }) => {
  cpSync(files, directory, { recursive: true });
  const overrides = Object.fromEntries([...packed].map(([name, { tarball }]) => [name, `file:${tarball}`]));
  const dependencies = { ...others, ...Object.fromEntries(names.map((name) => [name, overrides[name]])) };
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }, null, 2));
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet], { cwd: directory, stdio: ['ignore', 2, 2] });
};
