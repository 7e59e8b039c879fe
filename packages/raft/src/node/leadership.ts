import type { EventEmitter } from 'eventemitter3';
import type { RaftCore } from '../core/raft-core.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { NodeState, RaftNodeEvents } from './events.js';
import type { ResolvedOptions } from './options.js';

/** Who leads, as far as this member knows, and what part it has in that itself; told by events where it changes. */
export class Leadership {
  readonly #options: Pick<ResolvedOptions, 'clock' | 'timing'>;
  readonly #events: EventEmitter<RaftNodeEvents>;
  readonly #isInGrid: () => boolean;
  #state: NodeState = 'follower';
  #leader: MemberId | undefined;
  #watching = false;
  #cancelWatch: (() => void) | undefined;
  #quorumLost = false;

  constructor(
    options: Pick<ResolvedOptions, 'clock' | 'timing'>,
    events: EventEmitter<RaftNodeEvents>,
    isInGrid: () => boolean,
  ) {
    this.#options = options;
    this.#events = events;
    this.#isInGrid = isInGrid;
  }

  get state(): NodeState {
    return this.#state;
  }

  get leader(): MemberId | undefined {
    return this.#leader;
  }

  get leaderId(): string | undefined {
    return this.#leader === undefined ? undefined : idOf(this.#leader);
  }

  get quorumLost(): boolean {
    return this.#quorumLost;
  }

  /** From now on it is told when there is no majority. */
  watch(): void {
    this.#watching = true;
    this.#watchQuorum();
  }

  observe({ role, leader }: Pick<RaftCore, 'role' | 'leader'>): void {
    this.#setState(role === 'pre-candidate' ? 'candidate' : role);
    this.#setLeader(leader);
  }

  /** This member takes no part any more. */
  lose(): void {
    this.#setState('follower');
    this.#setLeader(undefined);
  }

  end(): void {
    this.#watching = false;
    this.#cancelWatch?.();
    this.lose();
  }

  #setState(state: NodeState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#events.emit(state);
    this.#events.emit('state-changed', state, previous);
  }

  #setLeader(leader: MemberId | undefined): void {
    const previous = this.leaderId;
    this.#leader = leader;
    if (this.leaderId === previous) return;
    this.#events.emit('leader-changed', this.leaderId, previous);
    if (this.#watching) this.#watchQuorum();
  }

  /** Without a leader for longer than an election takes, there is no majority. */
  #watchQuorum(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
    if (this.#leader !== undefined) {
      if (this.#quorumLost) this.#events.emit('quorum-regained');
      this.#quorumLost = false;
      return;
    }
    const { electionTimeoutInMs, followerMaxIdleInMs } = this.#options.timing;
    this.#cancelWatch = this.#options.clock.setTimer(
      () => {
        if (this.#quorumLost || !this.#isInGrid()) return;
        this.#quorumLost = true;
        this.#events.emit('quorum-lost');
      },
      electionTimeoutInMs + 2 * followerMaxIdleInMs,
    );
  }
}
