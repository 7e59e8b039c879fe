import type { MemberId } from '../identity/member-id.js';
import { assert } from './assertions.js';
import { onQuorumCheckDeadline } from './check-quorum.js';
import { advanceCommit, hasCommittedInTerm } from './commitment.js';
import type { Configuration, ConfigurationChange } from './configuration.js';
import {
  hasLease,
  onElectionDeadline,
  onPreVoteRequest,
  onPreVoteResponse,
  onTimeoutNow,
  onVoteRequest,
  onVoteResponse,
  standForPreVote,
} from './election.js';
import { isPlausible } from './entrance.js';
import type { LogPosition } from './entry.js';
import type { RaftLog } from './log.js';
import { type ChangeRefusal, changeConfiguration, isRemovedLeader } from './membership.js';
import type { Message, SnapshotRequest } from './message.js';
import type { HardState, RaftCoreOptions, RaftLimits, RaftTiming } from './options.js';
import type { Progress } from './progress.js';
import { onReadIndexRequest, openReadRound, requestRead } from './reads.js';
import type { Ready, SnapshotOffset } from './ready.js';
import {
  answerStaleLeader,
  appendEntry,
  isTermDurable,
  onAppendRequest,
  onAppendResponse,
  onHeartbeatDeadline,
  replicate,
} from './replication.js';
import { becomeFollower, mayStand, waitForLeader } from './roles.js';
import { onSnapshotInstalled, onSnapshotRequest, sendSnapshotChunk } from './snapshot.js';
import { CoreState, type Counters, type Role } from './state.js';
import { onTransferDeadline, transferLeadership } from './transfer.js';

/** Why a proposal was not appended. */
export type ProposalRefusal = 'not-leader' | 'transfer-in-progress' | 'busy';

/**
 * Raft as a pure state machine: messages, proposals and the passing of time go in, and a Ready says what has to be persisted,
 * sent and applied. It has no timer, no socket, no promise, no clock and no randomness of its own.
 *
 * The driver calls `ready` after each input (or after several), carries it out, and calls `tick` at `nextDeadline`.
 */
export class RaftCore {
  readonly #state: CoreState;
  #snapshotOffsets: SnapshotOffset[] = [];

  constructor(options: RaftCoreOptions) {
    this.#state = new CoreState(options);
    waitForLeader(this.#state);
  }

  get self(): MemberId {
    return this.#state.self;
  }

  get term(): number {
    return this.#state.term;
  }

  get vote(): MemberId | undefined {
    return this.#state.vote;
  }

  get role(): Role {
    return this.#state.role;
  }

  get leader(): MemberId | undefined {
    return this.#state.leader;
  }

  /** The configuration in force: the latest in the log, committed or not. */
  get configuration(): Configuration {
    return this.#state.configuration;
  }

  get log(): Readonly<Omit<RaftLog, 'append' | 'merge' | 'commitTo' | 'takeUnstable' | 'restore'>> {
    return this.#state.log;
  }

  /** A leader's view of the others; empty on others. */
  get progress(): ReadonlyMap<MemberId, Readonly<Progress>> {
    return this.#state.progress;
  }

  get counters(): Readonly<Counters> {
    return this.#state.counters;
  }

  get timing(): RaftTiming {
    return this.#state.timing;
  }

  get limits(): RaftLimits {
    return this.#state.limits;
  }

  /** Whether a snapshot has come and is being restored: nothing is applied meanwhile. */
  get isInstalling(): boolean {
    return this.#state.incomingSnapshot.installing;
  }

  /** Whether a snapshot that is ahead of what is committed here comes in from the leader, or is being restored. */
  get isReceiving(): boolean {
    const { incomingSnapshot: incoming, leader, log } = this.#state;
    if (incoming.installing) return true;
    return leader !== undefined && incoming.from === leader && incoming.index > log.commitIndex;
  }

  get pendingReads(): number {
    return this.#state.reads.size;
  }

  /** Whether an entry of this leader's own term is committed. */
  get hasCommittedInTerm(): boolean {
    return hasCommittedInTerm(this.#state);
  }

  /** The no-op with which this leader's term began. */
  get termStartIndex(): number {
    return this.#state.termStartIndex;
  }

  /** Whether a crash can no longer make this leader begin its term once more: before, nothing of the term is to be told. */
  get isTermDurable(): boolean {
    return isTermDurable(this.#state);
  }

  /** Whether a leader was heard lately enough that this member refuses elections. */
  get hasLease(): boolean {
    return hasLease(this.#state);
  }

  /** When `tick` has something to do, on the clock of the `now`s. */
  get nextDeadline(): number {
    const { electionDeadline, heartbeatDeadline, quorumCheckDeadline, transfer } = this.#state;
    return Math.min(electionDeadline, heartbeatDeadline, quorumCheckDeadline, transfer?.deadline ?? Infinity);
  }

  /** Lets time pass. */
  tick(now: number): void {
    const state = this.#state;
    this.#passTime(now);
    if (state.now >= state.electionDeadline) onElectionDeadline(state);
    if (state.now >= state.quorumCheckDeadline) onQuorumCheckDeadline(state);
    if (state.transfer && state.now >= state.transfer.deadline) onTransferDeadline(state);
    if (state.now >= state.heartbeatDeadline) onHeartbeatDeadline(state);
  }

  /** Takes a message from another member. What is stale, or meant for another incarnation, changes nothing. */
  step(message: Message, now: number): void {
    this.#passTime(now);
    if (message.to !== this.#state.self || message.from === this.#state.self) return;
    if (!isPlausible(this.#state, message)) {
      this.#state.counters.messagesRefused++;
      return;
    }
    if (this.#entersTerm(message)) this.#dispatch(message);
  }

  /** Appends a command. Returns its index in this term, or why not. */
  propose(data: Uint8Array, now: number): number | ProposalRefusal {
    const state = this.#state;
    this.#passTime(now);
    if (state.role !== 'leader') return 'not-leader';
    if (state.transfer) return 'transfer-in-progress';
    if (state.uncommittedBytes > state.limits.maxUncommittedBytes) return 'busy';
    state.counters.proposals++;
    return appendEntry(state, 'command', data);
  }

  /** Begins a change of the members. Returns its index, or why not. */
  changeConfiguration(change: ConfigurationChange, now: number): number | ChangeRefusal {
    this.#passTime(now);
    return changeConfiguration(this.#state, change);
  }

  /** Asks for the index to have applied before a linearizable read; the answer comes with a Ready, by its context. */
  read(context: number, now: number): void {
    this.#passTime(now);
    requestRead(this.#state, context);
  }

  /** Stands for election now, as after a silence: for who knows that nobody leads yet. */
  campaign(now: number): void {
    this.#passTime(now);
    if (this.#state.role === 'follower' && mayStand(this.#state)) standForPreVote(this.#state);
  }

  /** Begins to hand leadership to a voter. Returns false where it cannot: not the leader, or not a voter it follows. */
  transferLeadership(to: MemberId, now: number): boolean {
    this.#passTime(now);
    return transferLeadership(this.#state, to);
  }

  /** Gives leadership up without a successor in mind. */
  stepDown(now: number): void {
    this.#passTime(now);
    if (this.#state.role === 'leader') becomeFollower(this.#state, this.#state.term, undefined);
  }

  /** Says that everything up to the entry (`index`, `term`) of a Ready is durable. */
  persisted(index: number, term: number, now: number): void {
    this.#passTime(now);
    this.#state.log.persistedTo(index, term);
    if (this.#state.role === 'leader') advanceCommit(this.#state);
  }

  /** Says that committed entries up to `index` are applied. */
  applied(index: number): void {
    this.#state.log.appliedTo(index);
  }

  /** Forgets the entries up to an applied index that a snapshot covers. */
  compact(index: number): void {
    this.#state.log.compactTo(index);
  }

  /** Sends a chunk to a follower that waits for a snapshot. */
  sendSnapshotChunk(
    to: MemberId,
    chunk: Pick<SnapshotRequest, 'position' | 'configuration' | 'offset' | 'data' | 'done'>,
    now: number,
  ): void {
    this.#passTime(now);
    sendSnapshotChunk(this.#state, to, chunk);
  }

  /** Says that the state machine was restored from the snapshot whose last chunk came with a Ready. */
  snapshotInstalled(position: LogPosition, configuration: Configuration, now: number): void {
    this.#passTime(now);
    onSnapshotInstalled(this.#state, position, configuration);
  }

  /** Says that it could not be: the leader will begin anew, also with what has come of it and was not handed out. */
  snapshotFailed(): void {
    this.#state.incomingSnapshot.reset();
    this.#state.snapshotChunks = [];
  }

  /** Collects what there is to do since the last call; undefined for nothing. */
  ready(): Ready | undefined {
    const state = this.#state;
    if (state.role === 'leader') {
      openReadRound(state);
      replicate(state);
      if (isRemovedLeader(state)) becomeFollower(state, state.term, undefined);
    }
    const { log, limits } = state;
    const ready: Ready = {
      messages: state.messages,
      hardState: this.#takeHardState(),
      entries: log.takeUnstable(),
      snapshotChunks: state.snapshotChunks,
      messagesAfterPersist: state.messagesAfterPersist,
      committed: state.incomingSnapshot.installing ? [] : this.#committed(limits),
      reads: state.reads.results,
      snapshotsWanted: this.#snapshotsWanted(),
      snapshotOffsets: this.#snapshotOffsets,
    };
    if (isEmpty(ready)) return undefined;
    state.messages = [];
    state.messagesAfterPersist = [];
    state.snapshotChunks = [];
    state.reads.results = [];
    this.#snapshotOffsets = [];
    return ready;
  }

  #committed({ maxAppliedPerReady, maxAppliedBytesPerReady }: RaftLimits): Ready['committed'] {
    const { appliedIndex, commitIndex } = this.#state.log;
    if (appliedIndex === commitIndex) return [];
    const most = Math.min(maxAppliedPerReady, commitIndex - appliedIndex);
    return this.#state.log.slice(appliedIndex + 1, most, maxAppliedBytesPerReady);
  }

  #takeHardState(): HardState | undefined {
    const { hardStateChanged, term, vote } = this.#state;
    this.#state.hardStateChanged = false;
    return hardStateChanged ? { term, vote } : undefined;
  }

  #snapshotsWanted(): MemberId[] {
    const wanted: MemberId[] = [];
    for (const progress of this.#state.progress.values()) {
      if (progress.state !== 'snapshot' || progress.snapshotAnnounced) continue;
      progress.snapshotAnnounced = true;
      wanted.push(progress.member);
    }
    return wanted;
  }

  /** Time never goes back, whatever the clock does. */
  #passTime(now: number): void {
    if (now > this.#state.now) this.#state.now = now;
  }

  /** The rules on terms for every message (paper §5.1). Returns whether the message is of the member's term now. */
  #entersTerm(message: Message): boolean {
    const state = this.#state;
    const { type, term } = message;
    if (type === 'pre-vote-request') {
      onPreVoteRequest(state, message);
      return false;
    }
    if (type === 'pre-vote-response' && (message.granted || term <= state.term)) return true;
    if (term > state.term) {
      if (type === 'vote-request' && !message.transfer && hasLease(state)) return false;
      becomeFollower(state, term, undefined);
      return true;
    }
    if (term === state.term) return true;
    if (type === 'append-request' || type === 'snapshot-request') answerStaleLeader(state, message.from);
    if (type === 'vote-request') {
      const { self: from } = state;
      state.send({ type: 'vote-response', from, to: message.from, term: state.term, granted: false });
    }
    return false;
  }

  #dispatch(message: Message): void {
    const state = this.#state;
    switch (message.type) {
      case 'pre-vote-response':
        return onPreVoteResponse(state, message);
      case 'vote-request':
        return onVoteRequest(state, message);
      case 'vote-response':
        return onVoteResponse(state, message);
      case 'append-request':
        this.#hearLeader(message.from);
        return onAppendRequest(state, message);
      case 'append-response':
        return onAppendResponse(state, message);
      case 'snapshot-request':
        this.#hearLeader(message.from);
        return onSnapshotRequest(state, message);
      case 'snapshot-response':
        return this.#onSnapshotResponse(message.from, message.index, message.offset);
      case 'read-index-request':
        return onReadIndexRequest(state, message);
      case 'read-index-response':
        state.reads.results.push({ context: message.context, index: message.index });
        return;
      case 'timeout-now':
        return onTimeoutNow(state, message);
    }
  }

  /** Whoever appends in the current term was elected in it: there is no other leader (paper §5.2). */
  #hearLeader(leader: MemberId): void {
    const state = this.#state;
    assert(state.role !== 'leader', () => `${leader} leads the term ${state.term} of this leader`);
    if (state.leader !== leader) becomeFollower(state, state.term, leader);
    state.leaderHeardAt = state.now;
    waitForLeader(state);
  }

  #onSnapshotResponse(from: MemberId, index: number, offset: number): void {
    const progress = this.#state.progress.get(from);
    if (!progress) return;
    progress.lastHeardAt = this.#state.now;
    if (progress.state === 'snapshot') this.#snapshotOffsets.push({ from, index, offset });
  }
}

function isEmpty(ready: Ready): boolean {
  return (
    ready.messages.length === 0 &&
    ready.hardState === undefined &&
    ready.entries.length === 0 &&
    ready.snapshotChunks.length === 0 &&
    ready.messagesAfterPersist.length === 0 &&
    ready.committed.length === 0 &&
    ready.reads.length === 0 &&
    ready.snapshotsWanted.length === 0 &&
    ready.snapshotOffsets.length === 0
  );
}
