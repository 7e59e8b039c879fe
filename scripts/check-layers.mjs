// Fails on an import that points upward, a circle, an undeclared dependency, a deep import, and Node.js where browsers run.
// usage: node scripts/check-layers.mjs [root of a workspace]
import { join, resolve } from 'node:path';
import { checkWorkspace } from './layers/check.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const { violations, allowed, examined } = checkWorkspace(root);
for (const line of allowed) console.log(`allowed, a ${line}`);
for (const line of violations) console.error(line);
console.log(`layers: ${examined}, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
