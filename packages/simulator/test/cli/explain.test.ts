import process from 'node:process';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explain } from '../../src/cli/explain.js';
import { replayOf } from '../../src/cli/replay.js';
import { runnerOf } from '../../src/cli/runner.js';
import { parseOverrides } from '../../src/overrides.js';

const job = { what: 'core', seed: 2, ticks: 20_000, overrides: {}, bug: 'a term forgotten on restart' } as const;

beforeEach(() => vi.stubEnv('npm_config_user_agent', 'pnpm/12.21.0 npm/? node/v20.19.0'));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What a shell makes of a command: words, of which some are quoted. */
function wordsOf(command: string): string[] {
  const parts = /(?:'[^']*'|\\.|[^'\s\\])+/g;
  return [...command.matchAll(parts)].map(([word]) =>
    word.replace(/'([^']*)'|\\(.)|(.)/g, (_, quoted = '', escaped = '', plain = '') => `${quoted}${escaped}${plain}`),
  );
}

function optionsOf(command: string): Record<string, string | undefined> {
  const names = ['what', 'seeds', 'from', 'ticks', 'shrink', 'plan', 'bug'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  expect(command).toMatch(/^pnpm sim --/);
  return parseArgs({ args: wordsOf(command.slice('pnpm sim '.length)), options }).values;
}

test('the command is one for a shell, whatever the names in it, and for whoever ran this', () => {
  const probe = { ...job, bug: "a late answer taken for the probe's", overrides: { faults: ["a 'fault'"] } };
  expect(optionsOf(replayOf(probe))).toMatchObject({ bug: probe.bug, plan: `{"faults":["a 'fault'"]}` });
  vi.stubEnv('npm_config_user_agent', 'npm/10.8.2 node/v20.19.0 linux x64 workspaces/false');
  expect(replayOf(job)).toMatch(/^npm run sim -- --what core /);
});

test('the command that is printed repeats the run that is told', { timeout: 60_000 }, async () => {
  const run = runnerOf(job.what, job.bug);
  const result = await run(job);
  expect(result.failure?.invariant).toBe('promises are durable');
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  await explain(job, result, 80, 60);
  vi.restoreAllMocks();

  const [, command = ''] = /^--- replay: (.*)$/m.exec(printed) ?? [];
  const values = optionsOf(command);
  expect(values).toMatchObject({ what: job.what, seeds: '1', bug: job.bug });
  const overrides = parseOverrides(`${values['plan'] ?? '{}'}`);
  const again = await run({ seed: Number(values['from']), ticks: Number(values['ticks']), overrides });
  expect(again.simulatedMs).toBeLessThan(result.simulatedMs);
  expect(printed).toContain(`--- violated: ${again.failure?.invariant}\n${again.failure?.message}\n`);
  for (const line of again.failure?.scene ?? ['nothing']) expect(printed).toContain(line);
});
