// Installs the workspace and runs the given turbo tasks.
// usage: node scripts/setup.mjs [task ...]
import { join } from 'node:path';
import { runWithPnpm } from './pnpm.mjs';

const tasks = process.argv.slice(2).join(' ');
const install = 'pnpm install --frozen-lockfile --reporter=append-only';
const line = tasks ? `${install} && pnpm exec turbo run ${tasks} --output-logs=errors-only` : install;
process.exit(runWithPnpm(line, join(import.meta.dirname, '..')));
