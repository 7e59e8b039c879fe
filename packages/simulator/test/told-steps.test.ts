import { RaftCore } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { runnerOf } from '../src/cli/runner.js';
import type { SimulationName } from '../src/cli/simulations.js';
import { parseOverrides } from '../src/overrides.js';
import { simulate } from '../src/simulation.js';

/** What was told in the end, without the times, of a short run that a planted bug makes fail. */
async function endOf(what: SimulationName, bug: string, seed: number, ticks: number, plan: string): Promise<string[]> {
  const lines: string[] = [];
  const trace = (line: string): void => {
    lines.push(line.replace(/^ *[\d.]+ /, ''));
  };
  await runnerOf(what, bug)({ seed, ticks, overrides: parseOverrides(plan), trace });
  return lines.slice(-3);
}

describe('a step that breaks a statement is told before that', { timeout: 60_000 }, () => {
  test('of a core, also where it is broken by what is sent in the middle of it', async () => {
    const plan = '{"voters":2,"startWithin":0,"campaigns":true,"maxDiskLatency":0}';
    expect(await endOf('core', 'pre-votes counted as votes', 1, 2000, plan)).toEqual([
      'a@1 hears that b@2 would vote for it (t1)',
      '   a@1 LEADS t1, appends 0/1·',
      'VIOLATED promises are durable: a@1 sent append-request: its term 1 is not durable',
    ]);
  });

  test('of a whole member', async () => {
    const plan =
      '{"members":3,"noise":{"loss":0,"duplication":0},"callEvery":null,"membershipEvery":null,"faultEvery":200,"faults":["crash without durable state"]}';
    let [step = '', violated = ''] = ['', ''];
    for (let seed = 1; seed <= 40 && !violated.startsWith('VIOLATED'); seed++)
      [, step = '', violated = ''] = await endOf('grid', 'two incarnations of an id in one grid', seed, 2000, plan);
    const [, leader] = /^ {3}(\w)@\d{6} appends \d+\/\d+=\{.*(\w)@\d{6}.*\2@\d{6}.*\}$/.exec(step) ?? [];
    expect(leader, step).toBeDefined();
    expect(violated).toMatch(new RegExp(`^VIOLATED one incarnation of an id: ${leader}#\\d+ goes by `));
  });
});

test('what is sent to one that is down is told as lost', () => {
  const lines: string[] = [];
  const overrides = { voters: 3, startWithin: 3000, campaigns: false, faults: [], noise: { loss: 0 } };
  simulate({
    seed: 1,
    ticks: 3000,
    createCore: (of) => new RaftCore(of),
    overrides,
    trace: (line) => lines.push(line),
  });
  const isStarted = (id: string, at: number): boolean =>
    lines.slice(0, at).some((line) => line.endsWith(`${id} is here: follower of t0, log -1..-1, committed -1`));
  const end = lines.findIndex((line) => line.endsWith('everything heals'));
  const asked = lines.slice(0, end).flatMap((line, at) => {
    const [, lost = '', to = ''] = /(LOST: )?\S+ asks (\S+) if it would vote/.exec(line) ?? [];
    return to === '' ? [] : [{ isLost: lost !== '', isDown: !isStarted(to, at) }];
  });
  expect(asked.filter(({ isDown }) => isDown).length).toBeGreaterThan(0);
  expect(asked.filter(({ isLost, isDown }) => isLost !== isDown)).toEqual([]);
});
