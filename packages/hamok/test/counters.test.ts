import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

let grid: TestGrid;

afterEach(() => grid.close());

const counterOf = (member: Hamok) => member.getOrCreateCounter({ counterId: 'c' });

describe('a counter', () => {
  it('adds up while leaders are cut off and messages lost and doubled, and tells no two additions the same', async () => {
    grid = new TestGrid({ faults: { loss: 0.02, duplication: 0.05, minDelayInMs: 1, maxDelayInMs: 10 } });
    const members = await grid.joined(['a', 'b', 'c'], { requestTimeoutInMs: 60_000 });
    const results: number[] = [];
    const keepAdding = async (member: Hamok): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        results.push(...(await Promise.all([1, 1, 1].map((one) => counterOf(member).add(one)))));
        await grid.time.pass(grid.random() * 600);
      }
    };
    const adding = Promise.all(members.map(keepAdding));
    for (let round = 0; round < 2; round++) {
      await grid.time.pass(1000);
      const leader = await grid.leader();
      grid.network.partition([leader.localPeerId]);
      await grid.time.pass(4000);
      grid.network.heal();
    }
    await adding;
    expect(results.sort((x, y) => x - y)).toEqual(Array.from({ length: 180 }, (_, i) => i + 1));
    await grid.settled();
    expect(members.map((member) => counterOf(member).value)).toEqual([180, 180, 180]);
  });

  it('is not the leader’s alone, however fast it adds', async () => {
    grid = new TestGrid({ faults: { minDelayInMs: 2, maxDelayInMs: 4 } });
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    const far = other(members, leader);
    await Promise.all([counterOf(leader).ready, counterOf(far).ready]);
    let busy = true;
    let count = 0;
    const keepAdding = async (): Promise<void> => {
      for (; busy; count++) await counterOf(leader).add();
    };
    const adding = keepAdding();
    for (let round = 0; round < 10; round++) await counterOf(far).add(0);
    busy = false;
    await adding;
    expect(count).toBeGreaterThan(10);
    await expect(counterOf(far).read()).resolves.toBe(count);
  });

  it('does not add what a member gave up before it was in a grid', async () => {
    grid = new TestGrid();
    const members = grid.list(['a', 'b', 'c']);
    const early = counterOf(members[0] ?? expect.fail());
    const late = expect(early.add(1, { timeoutInMs: 100 })).rejects.toMatchObject({ code: 'not-committed' });
    const waiting = early.add(10);
    await grid.time.pass(100);
    await late;
    await Promise.all(members.map((each) => each.join()));
    await expect(waiting).resolves.toBe(10);
  });
});
