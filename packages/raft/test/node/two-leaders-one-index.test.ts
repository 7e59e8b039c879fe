import { type HamokMessage, MessageType } from '@hamok/messages';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytes, TestGrid, type TestMember } from '../support/test-grid.js';
import { watchedTransport } from '../support/watched-transport.js';

// Figure 8 of the paper: an entry whose place in the log another leader gave away may be committed all the same, by the leader after that.

const ids = ['a', 'b', 'c', 'd', 'e'];
let grid: TestGrid;
let passes: (from: string, message: HamokMessage) => boolean;

beforeEach(() => {
  grid = new TestGrid();
  passes = () => true;
});

afterEach(async () => {
  await grid.stop();
  await grid.clock.advance(100); // frames under way
  expect(grid.clock.pending, 'timers left behind').toBe(0);
});

it('a proposal is not told to be certainly not committed because another leader gave its index to another', async () => {
  for (const id of ids) {
    const transport = watchedTransport(
      grid.network.transport(),
      () => {},
      (message) => passes(id, message),
    );
    await grid.start(id, { peers: ids, transport });
  }
  const first = await grid.leader();
  await grid.propose(first, 'before');
  const [holder, ...rest] = grid.members.filter((member) => member !== first);
  if (!holder) throw new Error('nobody');

  // The first leader's entries reach one other member, and no more.
  passes = (from, { destinationId }) => from !== first.node.id || destinationId === holder.node.id;
  const outcomes = Promise.all(['x', 'y'].map((text) => outcomeOf(first, text)));
  await grid.clock.advance(10);

  // The second leader's reach the first alone, which hands it a proposal: its index is that of the last one before.
  grid.network.partition([holder.node.id]);
  passes = (from, { type, destinationId }) =>
    type !== MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK ||
    (from !== first.node.id && destinationId === first.node.id);
  await grid.until(() => rest.some(({ node }) => node.member === first.node.leader));
  const second = await grid.leader([first, ...rest].filter(({ node }) => node.leader !== undefined));
  const given = outcomeOf(first, 'z');
  await grid.clock.advance(10);
  expect(second.node.report().log.lastIndex).toBe(holder.node.report().log.lastIndex);

  // Both are away when the one with the entries of the first is elected.
  passes = () => true;
  grid.network.heal();
  grid.network.partition([first.node.id, second.node.id]);
  await grid.until(() => holder.node.state === 'leader' && holder.node.commitIndex > second.node.commitIndex);
  grid.network.heal();
  expect(await grid.settle(outcomes)).toEqual(['committed', 'committed']);
  expect(await grid.settle(given)).toBe('not-committed');
  expect(first.machine.applied).toEqual(['before', 'x', 'y']);
});

function outcomeOf({ node }: TestMember, text: string): Promise<string> {
  return node.propose(bytes(text), { timeoutInMs: Infinity }).then(
    () => 'committed',
    ({ code }) => code,
  );
}
