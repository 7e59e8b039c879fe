import type { MemberId } from '../identity/member-id.js';
import { assert } from './assertions.js';
import { advanceCommit, followCommit } from './commitment.js';
import { type Configuration, isVoter } from './configuration.js';
import { type Entry, type EntryKind, origin } from './entry.js';
import type { AppendRequest, AppendResponse } from './message.js';
import type { Progress } from './progress.js';
import { acknowledgeRound } from './reads.js';
import type { CoreState } from './state.js';
import { continueTransfer } from './transfer.js';

/** Appends an entry of the leader's own term, stamped with log time. Returns its index. */
export function appendEntry(
  state: CoreState,
  kind: EntryKind,
  data: Uint8Array,
  configuration?: Configuration,
): number {
  const index = state.log.lastIndex + 1;
  const time = logTime(state);
  const { term } = state;
  state.log.append(
    configuration ? { index, term, time, kind, data, configuration } : { index, term, time, kind, data },
  );
  state.uncommittedBytes += data.byteLength;
  return index;
}

/** The highest stamp in the log at takeover, plus the leader's time since: never back, and time without a leader does not count. */
function logTime(state: CoreState): number {
  return Math.max(state.log.last.time, Math.floor(state.takeover.logTime + (state.now - state.takeover.at)));
}

/** Sends every follower what it lacks and the window allows: entries, the commit index, an unanswered round. */
export function replicate(state: CoreState): void {
  if (!isTermDurable(state)) return;
  for (const progress of state.progress.values()) {
    if (progress.state === 'forgetful') continue;
    if (progress.state !== 'snapshot' && progress.nextIndex < state.log.firstIndex) {
      progress.become('snapshot', progress.matchIndex + 1);
    }
    if (progress.state === 'replicate') replicateTo(state, progress);
    else if (progress.state === 'probe' && !progress.probeSent) probe(state, progress);
    else if (progress.sentRound < state.reads.openRound) heartbeat(state, progress);
  }
}

/**
 * A sole voter elects itself before its disk knows: until it does, a crash would let it begin the same term once more.
 * Its term is durable with the first entry of it. Others need votes, which they ask for only then.
 */
export function isTermDurable({ configuration, log, self, termStartIndex }: CoreState): boolean {
  return configuration.voters.length > 1 || !isVoter(configuration, self) || log.persistedIndex >= termStartIndex;
}

function replicateTo(state: CoreState, progress: Progress): void {
  const { maxEntriesPerMessage, maxBytesPerMessage, maxInflightMessages, maxInflightBytes } = state.limits;
  while (progress.nextIndex <= state.log.lastIndex && progress.isWindowOpen(maxInflightMessages, maxInflightBytes)) {
    const entries = state.log.slice(progress.nextIndex, maxEntriesPerMessage, maxBytesPerMessage);
    sendAppend(state, progress, progress.nextIndex - 1, entries);
    let bytes = 0;
    for (const entry of entries) bytes += entry.data.byteLength;
    progress.sent(progress.nextIndex - 1 + entries.length, bytes);
  }
  const behindOnCommit = progress.sentCommitIndex < Math.min(state.log.commitIndex, progress.nextIndex - 1);
  if (behindOnCommit || progress.sentRound < state.reads.openRound) heartbeat(state, progress);
}

function probe(state: CoreState, progress: Progress): void {
  const { maxEntriesPerMessage, maxBytesPerMessage } = state.limits;
  const entries = state.log.slice(progress.nextIndex, maxEntriesPerMessage, maxBytesPerMessage);
  sendAppend(state, progress, progress.nextIndex - 1, entries);
  progress.probeSent = true;
  progress.probedAt = state.now;
}

/**
 * An append without entries. It also finds out whether what was sent ahead, or a probe, arrived. Towards a follower that waits for a
 * snapshot it asks nothing of the log: every log agrees with the leader's up to its own commit index.
 */
function heartbeat(state: CoreState, progress: Progress): void {
  const asksOfLog = progress.state !== 'snapshot' && progress.nextIndex >= state.log.firstIndex;
  sendAppend(state, progress, asksOfLog ? progress.nextIndex - 1 : origin.index, []);
}

function sendAppend(state: CoreState, progress: Progress, prevLogIndex: number, entries: readonly Entry[]): void {
  const prevLogTerm = prevLogIndex === origin.index ? origin.term : state.log.termAt(prevLogIndex);
  assert(prevLogTerm !== undefined, () => `append after ${prevLogIndex}, which is compacted`);
  const { commitIndex } = state.log;
  const { self: from, term, round } = state;
  state.send({
    type: 'append-request',
    from,
    to: progress.member,
    term,
    prevLogIndex,
    prevLogTerm,
    entries,
    commitIndex,
    round,
  });
  progress.sentCommitIndex = Math.max(progress.sentCommitIndex, Math.min(commitIndex, prevLogIndex + entries.length));
  progress.sentRound = round;
  progress.lastSentAt = state.now;
  state.counters.appendsSent++;
}

/**
 * Heartbeats are only for silence: whoever was sent something lately needs none. A lost probe is not repeated with its entries, for its
 * addressee may be dead: the heartbeat probes as well.
 */
export function onHeartbeatDeadline(state: CoreState): void {
  const { heartbeatInMs } = state.timing;
  let next = state.now + heartbeatInMs;
  for (const progress of state.progress.values()) {
    const due = progress.lastSentAt + heartbeatInMs;
    if (!isTermDurable(state)) break;
    if (due > state.now) {
      next = Math.min(next, due);
    } else {
      heartbeat(state, progress);
    }
  }
  state.heartbeatDeadline = next;
}

/** AppendEntries at the follower (paper, figure 2). The sender is known to lead the current term. */
export function onAppendRequest(state: CoreState, request: AppendRequest): void {
  state.counters.appendsReceived++;
  const { log } = state;
  // While a snapshot is being restored nothing is taken, and what is committed waits, so that the snapshot does not find itself overtaken.
  // The answer must not ask for more: what is committed here equals the leader's log, and that is no news to it.
  if (state.incomingSnapshot.installing) return acknowledge(state, request, log.commitIndex);
  let { prevLogIndex, prevLogTerm, entries } = request;
  if (prevLogIndex < log.commitIndex) {
    // What is committed here is in every later leader's log (paper §5.4.3), so only what follows is of interest.
    entries = entries.slice(log.commitIndex - prevLogIndex);
    prevLogIndex = log.commitIndex;
    prevLogTerm = log.termAt(prevLogIndex) ?? prevLogTerm;
  }
  if (log.termAt(prevLogIndex) !== prevLogTerm) return reject(state, request);
  log.merge(entries);
  const matchIndex = prevLogIndex + entries.length;
  followCommit(state, request.commitIndex, matchIndex);
  acknowledge(state, request, matchIndex);
}

function acknowledge(state: CoreState, request: AppendRequest, matchIndex: number): void {
  respond(state, request, { success: true, matchIndex, rejectedIndex: -1, hintIndex: -1, hintTerm: 0 });
}

/** Says how far back the leader has to go: past every entry of a term above that of its own entry (paper §5.3, end). */
function reject(state: CoreState, request: AppendRequest): void {
  state.counters.appendsRejected++;
  const hintIndex = state.log.lastIndexNotAbove(request.prevLogIndex, request.prevLogTerm);
  const hintTerm = state.log.termAt(hintIndex) ?? 0;
  respond(state, request, {
    success: false,
    matchIndex: -1,
    rejectedIndex: request.prevLogIndex,
    hintIndex,
    hintTerm,
  });
}

type Outcome = Pick<AppendResponse, 'success' | 'matchIndex' | 'rejectedIndex' | 'hintIndex' | 'hintTerm'>;

function respond(state: CoreState, { from: to, round }: { from: MemberId; round: number }, outcome: Outcome): void {
  const { self: from, term } = state;
  const { success, matchIndex, rejectedIndex, hintIndex, hintTerm } = outcome;
  const type = 'append-response';
  state.sendAfterPersist({ type, from, to, term, round, success, matchIndex, rejectedIndex, hintIndex, hintTerm });
}

/** Tells a leader of an earlier term that its time is over (paper §5.1). */
export function answerStaleLeader(state: CoreState, staleLeader: MemberId): void {
  const outcome: Outcome = { success: false, matchIndex: -1, rejectedIndex: -1, hintIndex: -1, hintTerm: 0 };
  respond(state, { from: staleLeader, round: -1 }, outcome);
}

/** The follower's answer, at the leader of its term. */
export function onAppendResponse(state: CoreState, response: AppendResponse): void {
  const progress = state.progress.get(response.from);
  if (!progress || progress.state === 'forgetful') return;
  progress.lastHeardAt = state.now;
  acknowledgeRound(state, progress, response.round);
  if (response.success) onMatch(state, progress, response.matchIndex);
  else onMismatch(state, progress, response);
}

function onMatch(state: CoreState, progress: Progress, matchIndex: number): void {
  assert(matchIndex <= state.log.lastIndex, () => `${progress.member} matches ${matchIndex} of ${state.log.lastIndex}`);
  const news = progress.matched(matchIndex);
  const known = progress.matchIndex + 1 >= state.log.firstIndex;
  const lacksNothing = matchIndex === state.log.lastIndex;
  if (progress.state !== 'replicate' && known && (news || lacksNothing)) {
    progress.become('replicate', progress.matchIndex + 1);
  } else if (progress.state === 'probe' && state.now - progress.probedAt >= state.timing.heartbeatInMs) {
    // No answer to the probe, but to a heartbeat after it: the probe was lost. Earlier it may be a late answer to something else.
    progress.probeSent = false;
  }
  // The snapshot arrived, but the log was compacted past it on the way.
  if (!known && progress.matchIndex >= progress.snapshotIndex) progress.become('snapshot', progress.matchIndex + 1);
  if (!news) return;
  advanceCommit(state);
  continueTransfer(state, progress);
}

/** Backs off by the follower's hint, but never behind what is known to match. */
function onMismatch(state: CoreState, progress: Progress, response: AppendResponse): void {
  const { rejectedIndex, hintIndex, hintTerm } = response;
  if (progress.state === 'snapshot') return;
  if (rejectedIndex <= progress.matchIndex) return onDenial(state, progress, response.round);
  if (progress.state === 'probe' && rejectedIndex !== progress.nextIndex - 1) return;
  const common = state.log.lastIndexNotAbove(Math.min(hintIndex, rejectedIndex - 1), hintTerm);
  const next = progress.state === 'replicate' ? progress.matchIndex + 1 : Math.max(common, progress.matchIndex) + 1;
  progress.become('probe', next);
}

/**
 * A follower rejects what it acknowledged. What it sent before that comes late; in answer to what was sent after, it says that its disk
 * lost what it promised to keep. Which of them it is shows by a round that begins now.
 */
function onDenial(state: CoreState, progress: Progress, round: number): void {
  if (round >= progress.doubtedRound) progress.forget();
  else if (progress.doubtedRound === Number.POSITIVE_INFINITY) progress.doubtedRound = ++state.round;
}
