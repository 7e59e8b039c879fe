import { RaftCore } from '@hamok/raft';
import { type CoreFactory, formatSummary, Summary, simulate, TraceTail } from '@hamok/simulator';
import { afterAll, describe, expect, test } from 'vitest';
import { coreSituations } from '../src/coverage/core-situations.js';
import { faultClasses } from '../src/faults/classes.js';

const createCore: CoreFactory = (options) => new RaftCore(options);
const ticks = 20_000;
const block = 12;
const blocks = 6;
const summary = new Summary(coreSituations);

/** What a reader needs to find out why a seed failed. */
function explain(seed: number): string {
  const tail = new TraceTail(60);
  const { failure } = simulate({ seed, ticks, createCore, trace: tail.sink });
  return `${[...tail.lines(), ...(failure?.scene ?? [])].join('\n')}\n${failure?.invariant}: ${failure?.message}\nreplay: pnpm sim --seeds 1 --from ${seed} --ticks ${ticks}`;
}

test('every member starts once, also where all heals before it would have started', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const starts = new Map<string, number>();
    const trace = (line: string): void => {
      const [, id] = / (\S+) is here/.exec(line) ?? [];
      if (id !== undefined) starts.set(id, (starts.get(id) ?? 0) + 1);
    };
    const overrides = { voters: 3, startWithin: 3000, faults: [] };
    const { failure } = simulate({ seed, ticks: 10, createCore, overrides, trace });
    expect({ seed, failure, starts: [...starts.values()] }).toEqual({ seed, failure: undefined, starts: [1, 1, 1] });
  }
});

describe('every invariant holds after every step, and the grid recovers', () => {
  test.each(Array.from({ length: blocks }, (_, i) => 1 + i * block))(
    'seeds from %i on',
    { timeout: 60_000 },
    (from) => {
      for (let seed = from; seed < from + block; seed++) {
        const result = simulate({ seed, ticks, createCore });
        summary.add(result);
        if (result.failure) expect.unreachable(explain(seed));
      }
    },
  );

  test('every class of faults was met', () => {
    expect([...summary.faults.counts.keys()].sort()).toEqual([...faultClasses].sort());
    expect(summary.missedFaults).toEqual([]);
  });

  test('no member was in a situation that there cannot be', () => {
    expect(summary.impossibleSituations).toEqual([]);
  });

  afterAll(() => console.info(formatSummary(summary)));
});
