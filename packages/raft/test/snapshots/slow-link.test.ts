import { type HamokMessage, MessageType } from '@hamok/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { slowTransport } from '../support/slow-transport.js';
import { TestGrid } from '../support/test-grid.js';
import { watchedTransport } from '../support/watched-transport.js';

const chunkBytes = 100_000;

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

it('a snapshot gets through a link on which each chunk takes longer than an idle time, and each is sent once', async () => {
  const offsets: number[] = [];
  const noteChunk = ({ type, snapshot, offset = 0 }: HamokMessage): boolean => {
    if (type === MessageType.RAFT_SNAPSHOT_REQUEST_CHUNK && snapshot?.byteLength) offsets.push(offset);
    return true;
  };
  const link = slowTransport(grid.network.transport(), grid.clock, chunkBytes / 2000);
  const transport = watchedTransport(link, () => undefined, noteChunk);
  const options = {
    expectedPeers: 1,
    limits: { maxBytesPerMessage: chunkBytes },
    snapshotPolicy: { entries: 5, keepEntries: 1 },
  };
  const leader = await grid.start('a', { ...options, transport });
  await grid.leader();
  for (let i = 0; i < 10; i++) await grid.propose(leader, `${i}`.padEnd(50_000, 'x'));
  const learner = await grid.start('b', { ...options, learner: true });
  await grid.until(() => learner.machine.applied.length === 10, 15_000);
  expect(offsets.length).toBeGreaterThan(4);
  expect(offsets).toEqual(offsets.map((_, i) => i * chunkBytes));
});
