import { HamokMessage, MessageType } from '@hamok/messages';
import type { Transport } from '@hamok/transport';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestGrid } from '../support/test-grid.js';

const chunkBytes = 100_000;

let grid: TestGrid;
beforeEach(() => {
  grid = new TestGrid();
});
afterEach(() => grid.stop());

/** Frames follow one another at the pace of the link. */
function slowTransport(bytesPerMs: number, sent: (message: HamokMessage) => void): Transport {
  const wire = grid.network.transport();
  let freeAt = 0;
  return {
    peers: wire.peers,
    open: (local, receiver) => wire.open(local, receiver),
    close: () => wire.close(),
    send: (frame, to) => {
      sent(HamokMessage.fromBinary(frame));
      freeAt = Math.max(freeAt, grid.clock.now()) + frame.byteLength / bytesPerMs;
      grid.clock.setTimer(() => wire.send(frame, to), freeAt - grid.clock.now());
      return true;
    },
  };
}

it('a snapshot gets through a link on which each chunk takes longer than an idle time, and each is sent once', async () => {
  const offsets: number[] = [];
  const transport = slowTransport(chunkBytes / 2000, ({ type, snapshot, offset = 0 }) => {
    if (type === MessageType.RAFT_SNAPSHOT_REQUEST_CHUNK && snapshot?.byteLength) offsets.push(offset);
  });
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
