import { afterEach, beforeEach, expect, it } from 'vitest';
import { load } from '../support/load.js';
import { slowTransport } from '../support/slow-transport.js';
import { bytes, TestGrid } from '../support/test-grid.js';

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

it('a leader stays where its links carry no more than one full message in an idle time, and are never idle', async () => {
  const [maxBytesPerMessage, followerMaxIdleInMs] = [100_000, 1000];
  const peers = ['a', 'b', 'c'];
  for (const id of peers) {
    const transport = slowTransport(grid.network.transport(), grid.clock, maxBytesPerMessage / followerMaxIdleInMs);
    await grid.start(id, { peers, transport, followerMaxIdleInMs, limits: { maxBytesPerMessage } });
  }
  const { node, machine } = await grid.leader();
  const { term } = node;
  const end = load(grid.clock, node, 20, bytes('x'.repeat(maxBytesPerMessage / 2)));
  await grid.clock.advance(60_000);
  end();
  expect([node.state, node.term]).toEqual(['leader', term]);
  expect(machine.applied.length).toBeGreaterThan(20);
});
