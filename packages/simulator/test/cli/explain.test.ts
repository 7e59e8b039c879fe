import process from 'node:process';
import { parseArgs } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { explain } from '../../src/cli/explain.js';
import { runnerOf } from '../../src/cli/runner.js';
import { parseOverrides } from '../../src/overrides.js';

const job = { what: 'core', seed: 2, ticks: 20_000, overrides: {}, bug: 'a term forgotten on restart' } as const;

afterEach(() => vi.restoreAllMocks());

/** What a shell makes of a command: words, of which some are quoted. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

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

  const [, command = ''] = /^--- replay: pnpm sim (.*)$/m.exec(printed) ?? [];
  const options = Object.fromEntries(
    ['what', 'seeds', 'from', 'ticks', 'shrink', 'plan', 'bug'].map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ args: wordsOf(command), options });
  expect(values).toMatchObject({ what: job.what, seeds: '1', bug: job.bug });
  const overrides = parseOverrides(`${values['plan'] ?? '{}'}`);
  const again = await run({ seed: Number(values['from']), ticks: Number(values['ticks']), overrides });
  expect(again.simulatedMs).toBeLessThan(result.simulatedMs);
  expect(printed).toContain(`--- violated: ${again.failure?.invariant}\n${again.failure?.message}\n`);
  for (const line of again.failure?.scene ?? ['nothing']) expect(printed).toContain(line);
});
