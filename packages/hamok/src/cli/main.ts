#!/usr/bin/env node
import { commands } from './commands.js';
import { run } from './run.js';

process.exitCode = await run(process.argv.slice(2), commands, {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
