import { describe, expect, test } from 'vitest';
import { parseOverrides, withOverrides } from '../src/overrides.js';
import type { SimulationResult } from '../src/result.js';
import { shrink } from '../src/shrink/shrink.js';

const plan = {
  voters: 5,
  faults: ['pause', 'storm', 'jump'],
  readEvery: 100,
  oversize: 0.1,
  noise: { loss: 0.1, duplication: 0.2, straggling: 0, minDelay: 1 },
};

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
    counts: none,
    situations: new Set(),
  };
}

describe('a failing run is shortened', () => {
  test('to the time that it takes, and to what it needs', async () => {
    const first = { ticks: 60_000, overrides: {}, result: resultOf(60_000, {}) };
    const { ticks, result } = await shrink(async (until, overrides) => resultOf(until, overrides), first, 200);
    expect(ticks).toBe(630);
    expect(result.plan).toEqual({
      voters: 3,
      faults: ['storm'],
      readEvery: Number.POSITIVE_INFINITY,
      oversize: 0,
      noise: { loss: 0.1, duplication: 0, straggling: 0, minDelay: 1 },
    });
  });

  test('not beyond the runs that it is given, and never into another failure', async () => {
    let runs = 0;
    const first = { ticks: 60_000, overrides: {}, result: resultOf(60_000, {}) };
    const other = async (ticks: number): Promise<SimulationResult> => {
      runs++;
      return { ...resultOf(ticks, {}), failure: { invariant: 'y', message: '', stack: undefined, scene: [] } };
    };
    const { ticks, overrides } = await shrink(other, first, 5);
    expect({ runs, ticks, overrides }).toEqual({ runs: 5, ticks: 700, overrides: {} });
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
    expect(() => parseOverrides('[1]')).toThrow(SyntaxError);
    expect(() => parseOverrides('{')).toThrow(SyntaxError);
  });
});
