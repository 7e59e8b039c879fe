import type { MemberId } from '../identity/member-id.js';

/**
 * What the leader knows of one follower's log.
 *
 * - `probe`: the common prefix is not known; one append at a time looks for it.
 * - `replicate`: it is known; appends are sent ahead of their answers, up to the window's limits.
 * - `snapshot`: what the follower needs next is compacted; nothing is appended until it holds a snapshot.
 * - `forgetful`: it does not hold any more what it acknowledged, so that nothing it says counts; it gets heartbeats alone.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot' | 'forgetful';

export class Progress {
  state: ProgressState = 'probe';
  /** The highest index known to be equal on the follower. Grows only, until the follower turns out to have forgotten. */
  matchIndex = -1;
  /** The next index to send. */
  nextIndex: number;
  /** The commit index that was last sent. */
  sentCommitIndex = -1;
  /** A probe is on its way; the next one leaves on its answer, or with the heartbeat. */
  probeSent = false;
  /** When the last probe with its entries left (ms). */
  probedAt = Number.NEGATIVE_INFINITY;
  /** The driver was told that this follower waits for a snapshot. */
  snapshotAnnounced = false;
  /** The index of the snapshot that is on its way; Infinity for none. */
  snapshotIndex = Number.POSITIVE_INFINITY;
  /** When something was last sent to, and last heard from, this follower (ms). */
  lastSentAt = Number.NEGATIVE_INFINITY;
  lastHeardAt: number;
  /** The highest round that was sent to, and echoed by, the follower. */
  sentRound = -1;
  ackedRound = -1;
  /** The round that was begun when it rejected what it had acknowledged: who answers it with another rejection is not late. Infinity for none. */
  doubtedRound = Number.POSITIVE_INFINITY;

  /** Appends under way, oldest first: the last index and the bytes of each. */
  #lastIndexes: number[] = [];
  #sizes: number[] = [];
  #bytes = 0;

  constructor(
    readonly member: MemberId,
    nextIndex: number,
    now: number,
  ) {
    this.nextIndex = nextIndex;
    this.lastHeardAt = now;
  }

  /** Appends under way. */
  get inflight(): number {
    return this.#lastIndexes.length;
  }

  isWindowOpen(maxMessages: number, maxBytes: number): boolean {
    return this.#lastIndexes.length < maxMessages && this.#bytes < maxBytes;
  }

  /** Records an append that was sent ahead (`replicate`). */
  sent(lastIndex: number, bytes: number): void {
    this.nextIndex = lastIndex + 1;
    this.#lastIndexes.push(lastIndex);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** The follower holds everything up to `index`. Returns whether that is news. */
  matched(index: number): boolean {
    let freed = 0;
    while (freed < this.#lastIndexes.length && (this.#lastIndexes[freed] ?? 0) <= index) {
      this.#bytes -= this.#sizes[freed] ?? 0;
      freed++;
    }
    if (freed > 0) {
      this.#lastIndexes.splice(0, freed);
      this.#sizes.splice(0, freed);
    }
    if (index <= this.matchIndex) return false;
    this.matchIndex = index;
    this.nextIndex = Math.max(this.nextIndex, index + 1);
    this.doubtedRound = Number.POSITIVE_INFINITY;
    return true;
  }

  /** It does not hold what it acknowledged. */
  forget(): void {
    this.become('forgetful', 0);
    this.matchIndex = -1;
  }

  become(state: ProgressState, nextIndex: number): void {
    this.state = state;
    this.nextIndex = nextIndex;
    this.probeSent = false;
    this.snapshotAnnounced = false;
    this.snapshotIndex = Number.POSITIVE_INFINITY;
    this.#lastIndexes = [];
    this.#sizes = [];
    this.#bytes = 0;
  }
}
