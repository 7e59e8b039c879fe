import { HamokMessage, MessageType } from '@hamok/messages';
import { beforeEach, expect, it } from 'vitest';
import { IndeterminateError, MemorySnapshotStore, memberId } from '../../src/index.js';
import { Replica } from '../../src/node/replica.js';
import { defaultSnapshotPolicy } from '../../src/snapshots/snapshot-policy.js';
import { wrapPayload } from '../../src/wire/entries.js';
import { encodeSubmit } from '../../src/wire/submit-frames.js';
import { indifferentObserver } from '../support/indifferent-observer.js';
import { VirtualClock } from '../support/virtual-clock.js';

// Transports may deliver a frame twice, and the second time late: what a request was told must stay true.

const [a, b] = [memberId('a', 1), memberId('b', 1)];
const entry = wrapPayload(new Uint8Array([1, 2, 3]));
let clock: VirtualClock;
let answers: HamokMessage[];
let refusal: string | undefined;
let leader: Replica;

function replica(voters: string[], learners: string[]): Replica {
  const made = new Replica({
    self: a,
    gridId: 'g',
    configuration: { voters, learners },
    machine: { apply: () => undefined, admit: () => refusal },
    clock,
    random: () => 0.5,
    logStore: undefined,
    snapshotStore: new MemorySnapshotStore(),
    snapshotPolicy: defaultSnapshotPolicy,
    send: (_to, frame) => {
      const message = HamokMessage.fromBinary(frame);
      if (message.type === MessageType.SUBMIT_MESSAGE_RESPONSE) answers.push(message);
      return true;
    },
    observer: indifferentObserver,
  });
  made.start();
  return made;
}

beforeEach(async () => {
  clock = new VirtualClock();
  answers = [];
  refusal = undefined;
  leader = replica([a], [b]);
  leader.core.campaign(clock.now());
  await clock.advance(0);
  expect(leader.core.role).toBe('leader');
});

async function receive(requestId: number, { term = leader.core.term, from = b } = {}): Promise<number> {
  const before = leader.core.log.lastIndex;
  leader.receiveSubmit(
    HamokMessage.fromBinary(encodeSubmit(from, a, 'g', { requestId, term, entries: [entry] })),
    from,
  );
  await clock.advance(0);
  return leader.core.log.lastIndex - before;
}

it('what was refused is not appended when the request comes once more', async () => {
  refusal = 'sequence-gap';
  expect(await receive(7)).toBe(0);
  expect(answers).toMatchObject([{ success: false, errorCode: 'sequence-gap' }]);
  refusal = undefined;
  expect(await receive(7)).toBe(0);
  expect(await receive(8)).toBe(1);
});

it('what was appended is not appended again, nor is anything else said about it', async () => {
  expect(await receive(7)).toBe(1);
  refusal = 'sequence-gap';
  expect(await receive(7)).toBe(0);
  expect(answers).toMatchObject([{ success: true, sequence: 1 }]);
});

it('a request that was overtaken is taken', async () => {
  expect(await receive(8)).toBe(1);
  expect(await receive(7)).toBe(1);
});

it('one so old that nobody knows whether it came before is passed over', async () => {
  for (let requestId = 1; requestId < 1000; requestId++) await receive(requestId);
  answers = [];
  expect(await receive(3)).toBe(0);
  expect(answers).toEqual([]);
});

it('is for the leader of one term: another cannot know whether it was taken then', async () => {
  const { term } = leader.core;
  refusal = 'sequence-gap';
  expect(await receive(7)).toBe(0);
  refusal = undefined;
  const last = { lastLogIndex: 100, lastLogTerm: term, transfer: true };
  leader.receive({ type: 'vote-request', from: b, to: a, term: term + 1, ...last });
  await clock.advance(0);
  expect(leader.core.role).toBe('follower');
  leader.core.campaign(clock.now());
  await clock.advance(0);
  expect(leader.core.role).toBe('leader');
  answers = [];
  expect(await receive(7, { term })).toBe(0);
  expect(await receive(8, { term })).toBe(0);
  expect(answers).toEqual([]);
  expect(await receive(9)).toBe(1);
});

it('of somebody who is no member is passed over', async () => {
  expect(await receive(7, { from: memberId('c', 1) })).toBe(0);
  expect(answers).toEqual([]);
});

it('is not waited for any more once its leader is known to lead in a later term', async () => {
  const follower = replica([a, b], []);
  const heartbeat = { type: 'append-request', from: b, to: a, prevLogIndex: -1, prevLogTerm: 0, entries: [] } as const;
  follower.receive({ ...heartbeat, term: 1, commitIndex: -1, round: 0 });
  await clock.advance(0);
  const outcomes: unknown[] = [];
  const end = (outcome: unknown): void => void outcomes.push(outcome);
  follower.propose(entry, end, end);
  await clock.advance(0);
  follower.receive({ ...heartbeat, term: 1, commitIndex: -1, round: 1 });
  await clock.advance(0);
  expect(outcomes).toEqual([]);
  follower.receive({ ...heartbeat, term: 2, commitIndex: -1, round: 0 });
  await clock.advance(0);
  expect(outcomes).toEqual([expect.any(IndeterminateError)]);
  follower.stop('end');
});
