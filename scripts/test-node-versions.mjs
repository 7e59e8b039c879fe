// Runs the tests, the consumers and the examples on newer Node.js releases, fetched by npx for the run only.
// usage: node scripts/test-node-versions.mjs [major ...] (after `npm test`)
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
const line = [
  'node --version',
  'node node_modules/vitest/vitest.mjs run',
  'node tests/consumers/run.mjs',
  'node --test --test-concurrency=1 examples/*/*.test.mjs',
].join(' && ');
const failed = majors.filter((major) => {
  const options = { stdio: 'inherit', cwd: join(import.meta.dirname, '..') };
  return spawnSync('npx', ['-y', '--prefer-offline', '-p', `node@${major}`, '-c', line], options).status !== 0;
});
console.log(failed.length === 0 ? `Node.js ${majors.join(', ')}: passed` : `Node.js ${failed.join(', ')}: FAILED`);
process.exitCode = failed.length === 0 ? 0 : 1;
