import { HamokMessage, MessageType } from '@hamok/messages';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogStore } from '../../src/index.js';
import { MemorySnapshotStore, memberId } from '../../src/index.js';
import { Replica } from '../../src/node/replica.js';
import { defaultSnapshotPolicy } from '../../src/snapshots/snapshot-policy.js';
import { entryEncoder, wrapPayload } from '../../src/wire/entries.js';
import { encodeSubmit } from '../../src/wire/submit-frames.js';
import { indifferentObserver } from '../support/indifferent-observer.js';
import { VirtualClock } from '../support/virtual-clock.js';

const [a, b] = [memberId('a', 1), memberId('b', 1)];
let clock: VirtualClock;
/** Ends the writes under way, in their order. */
let writes: (() => void)[];
let sent: HamokMessage[];

beforeEach(() => {
  clock = new VirtualClock();
  writes = [];
  sent = [];
});

function replica(voters: string[], learners: string[]): Replica {
  const write = (): Promise<void> => new Promise((resolve) => writes.push(resolve));
  const logStore: LogStore = {
    open: async () => undefined,
    begin: write,
    append: write,
    compact: write,
    clear: write,
    close: async () => {},
  };
  return new Replica({
    self: a,
    gridId: 'g',
    configuration: { voters, learners },
    machine: { apply: () => undefined },
    clock,
    random: () => 0.5,
    logStore,
    snapshotStore: new MemorySnapshotStore(),
    snapshotPolicy: defaultSnapshotPolicy,
    send: (_to, frame) => {
      sent.push(HamokMessage.fromBinary(frame));
      return true;
    },
    observer: indifferentObserver,
  });
}

const settled = (): Promise<void> => clock.advance(0);
const answers = (type: MessageType): HamokMessage[] => sent.filter((message) => message.type === type);

describe('an answer', () => {
  it('waits for what was written before it, whatever it came with itself', async () => {
    const follower = replica([a, b], []);
    const append = { type: 'append-request', from: b, to: a, term: 1, commitIndex: -1, round: 0 } as const;
    const entry = { index: 0, term: 1, time: 0, kind: 'no-op', data: entryEncoder.noOp } as const;
    follower.receive({ ...append, prevLogIndex: -1, prevLogTerm: 0, entries: [entry] });
    await settled();
    // A heartbeat about the same entry: there is nothing to write for it.
    follower.receive({ ...append, prevLogIndex: 0, prevLogTerm: 1, entries: [] });
    await settled();
    expect(writes).toHaveLength(1);
    expect(answers(MessageType.RAFT_APPEND_ENTRIES_RESPONSE)).toEqual([]);
    for (const end of writes) end();
    await settled();
    expect(answers(MessageType.RAFT_APPEND_ENTRIES_RESPONSE)).toHaveLength(2);
    follower.stop('end');
  });

  it('about a proposal waits until a sole voter cannot begin its term once more', async () => {
    const leader = replica([a], [b]);
    leader.start();
    leader.core.campaign(clock.now());
    const request = { requestId: 1, term: leader.core.term, entries: [wrapPayload(new Uint8Array(1))] };
    leader.receiveSubmit(HamokMessage.fromBinary(encodeSubmit(b, a, 'g', request)), b);
    await settled();
    expect(leader.core.role).toBe('leader');
    expect(sent).toEqual([]);
    for (const end of writes.splice(0)) end();
    await settled();
    expect(answers(MessageType.SUBMIT_MESSAGE_RESPONSE)).toHaveLength(1);
    leader.stop('end');
  });
});
