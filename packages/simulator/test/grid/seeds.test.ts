import { TraceTail } from '@hamok/simulator';
import { simulateGrid } from '@hamok/simulator/grid';
import { expect, test } from 'vitest';

const ticks = 10_000;

/** What a reader needs to find out why a seed failed. */
async function explain(seed: number): Promise<string> {
  const tail = new TraceTail(60);
  const { failure } = await simulateGrid({ seed, ticks, trace: tail.sink });
  return `${tail.lines().join('\n')}\n${failure?.invariant}: ${failure?.message}`;
}

test.each([1, 2, 3, 4, 5, 6])(
  'whole members keep every invariant, and recover: seed %i',
  { timeout: 60_000 },
  async (seed) => {
    const { failure, operations, simulatedMs } = await simulateGrid({ seed, ticks });
    if (failure) expect.unreachable(await explain(seed));
    const calls = [...operations].filter(([name]) => name.endsWith(': acknowledged'));
    expect(calls.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(ticks / 200);
    expect(simulatedMs).toBeGreaterThan(ticks);
  },
);
