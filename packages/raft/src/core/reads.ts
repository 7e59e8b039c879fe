import type { MemberId } from '../identity/member-id.js';
import { hasCommittedInTerm } from './commitment.js';
import { isVoter, majority } from './configuration.js';
import type { ReadIndexRequest } from './message.js';
import type { Progress } from './progress.js';
import type { CoreState } from './state.js';

interface Read {
  readonly from: MemberId;
  readonly context: number;
}

/** The answer to a read of this member. Without an index it was refused: the leader changed, or there is none. */
export interface ReadState {
  readonly context: number;
  readonly index: number | undefined;
}

/** Reads that wait for a majority to confirm that this leader still leads (ReadIndex, thesis §6.4). */
export class PendingReads {
  waiting: Read[] = [];
  /** What the open round will answer, and with which index. One round serves all that waited when it began. */
  confirming: Read[] = [];
  readIndex = -1;
  /** The round under way; -1 for none. */
  openRound = -1;
  results: ReadState[] = [];

  get size(): number {
    return this.waiting.length + this.confirming.length;
  }

  refuseAll(state: CoreState): void {
    for (const read of [...this.confirming, ...this.waiting]) answer(state, read, undefined);
    this.waiting = [];
    this.confirming = [];
    this.openRound = -1;
  }
}

/** Asks for the index to wait for before a linearizable read: here if this member leads, else of the leader. */
export function requestRead(state: CoreState, context: number): void {
  state.counters.reads++;
  const { self: from, leader, term } = state;
  if (state.role === 'leader') admitRead(state, { from, context });
  else if (leader === undefined) answer(state, { from, context }, undefined);
  else state.send({ type: 'read-index-request', from, to: leader, term, context });
}

export function onReadIndexRequest(state: CoreState, { from, context }: ReadIndexRequest): void {
  if (state.role === 'leader') admitRead(state, { from, context });
  else answer(state, { from, context }, undefined);
}

function admitRead(state: CoreState, read: Read): void {
  if (state.reads.size >= state.limits.maxPendingReads) answer(state, read, undefined);
  else state.reads.waiting.push(read);
}

/** Begins a round for everything that waits, once the leader knows what is committed (paper §8). */
export function openReadRound(state: CoreState): void {
  const { reads } = state;
  if (reads.openRound >= 0 || reads.waiting.length === 0 || !hasCommittedInTerm(state)) return;
  reads.confirming = reads.waiting;
  reads.waiting = [];
  reads.readIndex = state.log.commitIndex;
  state.round++;
  reads.openRound = state.round;
  closeReadRound(state);
}

export function acknowledgeRound(state: CoreState, progress: Progress, round: number): void {
  if (round <= progress.ackedRound) return;
  progress.ackedRound = round;
  closeReadRound(state);
}

/** Answers the reads of the open round when a majority of the voters in force has echoed it. */
export function closeReadRound(state: CoreState): void {
  const { reads } = state;
  if (reads.openRound < 0) return;
  const { voters } = state.configuration;
  let echoes = isVoter(state.configuration, state.self) ? 1 : 0;
  for (const voter of voters) {
    if ((state.progress.get(voter)?.ackedRound ?? -1) >= reads.openRound) echoes++;
  }
  if (echoes < majority(voters.length)) return;
  const { confirming, readIndex } = reads;
  reads.confirming = [];
  reads.openRound = -1;
  for (const read of confirming) answer(state, read, readIndex);
}

function answer(state: CoreState, { from, context }: Read, index: number | undefined): void {
  if (from === state.self) state.reads.results.push({ context, index });
  else state.send({ type: 'read-index-response', from: state.self, to: from, term: state.term, context, index });
}
