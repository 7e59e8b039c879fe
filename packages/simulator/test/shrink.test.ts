import { describe, expect, test } from 'vitest';
import { parseOverrides, withOverrides } from '../src/overrides.js';
import type { SimulationResult } from '../src/result.js';
import { shrink } from '../src/shrink/shrink.js';

const plan = {
  voters: 5,
  faults: ['pause', 'storm', 'jump'],
  spared: [] as readonly number[],
  readEvery: 100,
  oversize: 0.1,
  noise: { loss: 0.1, duplication: 0.2, straggling: 0, minDelay: 1 },
};

const always = (): boolean => true;

/** A run that fails at 700 ms if its plan still has what the failure needs. */
function resultOf(ticks: number, overrides: Record<string, unknown>): SimulationResult {
  const drawn = withOverrides(plan, overrides);
  const fails = ticks >= 600 && drawn.voters >= 3 && drawn.faults.includes('storm') && drawn.noise.loss > 0;
  const failure = fails ? { invariant: 'x', message: '', stack: undefined, scene: [] } : undefined;
  const none = new Map<string, number>();
  return {
    seed: 1,
    plan: drawn,
    failure,
    simulatedMs: fails ? 700 : ticks,
    events: 0,
    operations: none,
    faults: none,
    strikes: [],
    counts: none,
    situations: new Set(),
  };
}

describe('a failing run is shortened', () => {
  test('to the time that it takes, and to what it needs', async () => {
    const first = { seed: 1, ticks: 60_000, overrides: {}, result: resultOf(60_000, {}) };
    const { ticks, result } = await shrink(async (_, until, overrides) => resultOf(until, overrides), first, always);
    expect(ticks).toBe(630);
    expect(result.plan).toEqual({
      voters: 3,
      faults: ['storm'],
      spared: [],
      readEvery: Number.POSITIVE_INFINITY,
      oversize: 0,
      noise: { loss: 0.1, duplication: 0, straggling: 0, minDelay: 1 },
    });
  });

  test('not beyond the runs that it is given, and never into another failure', async () => {
    let runs = 0;
    const first = { seed: 1, ticks: 60_000, overrides: {}, result: resultOf(60_000, {}) };
    const other = async (_: number, ticks: number): Promise<SimulationResult> => {
      runs++;
      return { ...resultOf(ticks, {}), failure: { invariant: 'y', message: '', stack: undefined, scene: [] } };
    };
    const { ticks, overrides } = await shrink(other, first, () => runs < 5);
    expect({ runs, ticks, overrides }).toEqual({ runs: 5, ticks: 700, overrides: {} });
  });
});

describe('what is simpler is the same failure', () => {
  const runOf = (plan: object, message: string): SimulationResult => ({
    ...resultOf(100, {}),
    plan,
    failure: { invariant: 'liveness', message, stack: undefined, scene: [] },
  });

  test('of all that has to come about in the end, the same thing has not', async () => {
    const noted: string[] = [];
    const run = async (_: number, ticks: number): Promise<SimulationResult> => {
      const message =
        ticks > 50 ? `a write at b#${ticks} was refused` : 'one leader: b#1 is in no grid after 60 idle times';
      noted.push(message);
      return { ...runOf({}, message), simulatedMs: ticks };
    };
    const first = { seed: 1, ticks: 100, overrides: {}, result: runOf({}, 'a write at a#2 was refused') };
    const { result } = await shrink(run, first, always);
    expect(noted).toContain('one leader: b#1 is in no grid after 60 idle times');
    expect(result.failure?.message).toMatch(/^a write at b#\d+ was refused$/);
  });

  test('a grid does not wait for more members than there are, and two grids have enough of them', async () => {
    const tried: object[] = [];
    const drawn = { members: 4, expected: 4, apart: false };
    const shrunk = async (from: typeof drawn): Promise<object> => {
      const run = async (_: number, __: number, overrides: Record<string, unknown>): Promise<SimulationResult> => {
        tried.push(overrides);
        return { ...runOf(withOverrides(from, overrides), 'late'), simulatedMs: 1 };
      };
      const { result } = await shrink(run, { seed: 1, ticks: 1, overrides: {}, result: runOf(from, 'late') }, always);
      return result.plan;
    };
    expect(await shrunk(drawn)).toEqual({ members: 2, expected: 2, apart: false });
    expect(tried).toContainEqual({ members: 3, expected: 3 });
    expect(await shrunk({ ...drawn, apart: true })).toEqual({ ...drawn, apart: true });
  });
});

describe('the faults of a failing run', () => {
  const faultsOf = (overrides: Record<string, unknown>, needed: readonly number[]): SimulationResult => {
    const drawn = withOverrides({ spared: [] as readonly number[] }, overrides);
    const strikes = [1, 2, 4, 5, 7, 8, 9].filter((turn) => !drawn.spared.includes(turn));
    const fails = needed.every((turn) => strikes.includes(turn));
    const failure = fails ? { invariant: 'x', message: '', stack: undefined, scene: [] } : undefined;
    return { ...resultOf(100, {}), plan: drawn, failure, simulatedMs: 100, strikes };
  };

  test('are spared but for those that it needs', async () => {
    const run = async (seed: number, _: number, overrides: Record<string, unknown>) =>
      faultsOf(overrides, seed === 1 ? [4, 9] : [3]);
    const first = { seed: 1, ticks: 100, overrides: {}, result: faultsOf({}, [4, 9]) };
    const { result, seed } = await shrink(run, first, always);
    expect({ seed, strikes: result.strikes }).toEqual({ seed: 1, strikes: [4, 9] });
  });

  test('are drawn anew, with the same plan, where another seed fails in half of the time', async () => {
    const run = async (seed: number, ticks: number, overrides: Record<string, unknown> = {}) => {
      const drawn = withOverrides(plan, overrides);
      const isWhole = JSON.stringify(drawn) === JSON.stringify(plan);
      const fails = isWhole && (seed === 4 || ticks === 100);
      const failure = fails ? { invariant: 'x', message: '', stack: undefined, scene: [] } : undefined;
      return { ...resultOf(100, {}), seed, plan: drawn, failure, simulatedMs: ticks };
    };
    const first = { seed: 1, ticks: 100, overrides: {}, result: await run(1, 100) };
    const { seed, ticks, overrides } = await shrink(run, first, always);
    expect({ seed, ticks }).toEqual({ seed: 4, ticks: 1 });
    expect(overrides).toMatchObject({ voters: 5, spared: [] });
  });
});

describe('a plan that was drawn can be overridden', () => {
  test('in parts, as the command line says it', () => {
    const overrides = parseOverrides('{"readEvery":null,"noise":{"loss":0}}');
    const changed = withOverrides(plan, overrides);
    expect(changed.readEvery).toBe(Number.POSITIVE_INFINITY);
    expect(changed.noise).toEqual({ ...plan.noise, loss: 0 });
    expect(changed.voters).toBe(5);
  });

  test('not in what it does not have, and not by what is no object', () => {
    expect(() => withOverrides(plan, { voterz: 3 })).toThrow('the plan has no voterz');
    expect(() => withOverrides(plan, { voters: 'x' })).toThrow('voters of the plan is a number, not a string');
    expect(() => withOverrides(plan, { faults: 3 })).toThrow('faults of the plan is a list, not a number');
    expect(() => parseOverrides('[1]')).toThrow(SyntaxError);
    expect(() => parseOverrides('{')).toThrow(SyntaxError);
  });
});
