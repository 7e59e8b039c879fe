import {
  emitterConformance,
  mapConformance,
  queueConformance,
  type RemoteMapGrid,
  type Runner,
  recordConformance,
  remoteMapConformance,
  TestDatabase,
} from '@hamok/collections/testing';
import { describe, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { TestGrid } from './support/test-grid.js';

/** What every suite asks of a grid. */
async function create(
  peers: readonly string[],
  arrange: (leader: Hamok, followers: readonly Hamok[]) => readonly Hamok[],
) {
  const grid = new TestGrid();
  const joined = await grid.joined(peers);
  const leader = await grid.leader();
  const followers = joined.filter((member) => member !== leader);
  return {
    members: arrange(leader, followers),
    settled: () => grid.settled(),
    pass: (ms: number) => grid.time.pass(ms),
    close: () => grid.close(),
  };
}

/** With and without transactions, for what a remote map tells the two of them is not the same. */
function remoteMaps(runner: Runner, counts: readonly number[], createGrid: () => Promise<RemoteMapGrid>): void {
  remoteMapConformance(runner, counts, createGrid, () => {
    const database = new TestDatabase<string, number>();
    return (member) => database.client(`${member}`);
  });
  runner.describe('with transactions', () =>
    remoteMapConformance(runner, counts, createGrid, () => {
      const database = new TestDatabase<string, number>();
      return (member) => database.transactionalClient(`${member}`);
    }),
  );
}

const suites = [mapConformance, recordConformance, queueConformance, emitterConformance, remoteMaps];

// The suites work on the first and the last member.
const orders = {
  first: (leader: Hamok, followers: readonly Hamok[]) => [leader, ...followers],
  last: (leader: Hamok, followers: readonly Hamok[]) => [...followers, leader],
};

for (const position of ['first', 'last'] as const) {
  describe(`with the leader as the ${position}`, () => {
    for (const suite of suites) suite({ describe, it }, [3], () => create(['a', 'b', 'c'], orders[position]));
  });
}

describe('alone', () => {
  for (const suite of suites) suite({ describe, it }, [1], () => create(['a'], orders.first));
});
