import type { EventEmitter } from 'eventemitter3';
import type { RaftCore } from '../core/raft-core.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { NodeState, RaftNodeEvents } from './events.js';
import type { ResolvedOptions } from './options.js';

/** Who leads, as far as this member knows, and what part it has in that itself; told by events where it changes. */
export class Leadership {
  readonly #options: Pick<ResolvedOptions, 'clock' | 'timing'>;
  readonly #events: EventEmitter<RaftNodeEvents>;
  #state: NodeState = 'follower';
  #leader: MemberId | undefined;
  #cancelWatch: (() => void) | undefined;
  #quorumLost = false;

  constructor(options: Pick<ResolvedOptions, 'clock' | 'timing'>, events: EventEmitter<RaftNodeEvents>) {
    this.#options = options;
    this.#events = events;
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

  /** In its grid this member has that part, and follows that leader. */
  observe({ role, leader }: Pick<RaftCore, 'role' | 'leader'>): void {
    this.#setState(role === 'pre-candidate' ? 'candidate' : role);
    this.#setLeader(leader);
    this.#watchQuorum();
  }

  /** This member is in no grid any more, and there is no majority to lose. */
  lose(): void {
    this.#endWatch();
    this.#setState('follower');
    this.#setLeader(undefined);
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
  }

  /** In a grid, without a leader for longer than an election takes, there is no majority. */
  #watchQuorum(): void {
    if (this.#leader !== undefined) {
      this.#endWatch();
      if (this.#quorumLost) this.#events.emit('quorum-regained');
      this.#quorumLost = false;
      return;
    }
    if (this.#quorumLost || this.#cancelWatch) return;
    const { electionTimeoutInMs, followerMaxIdleInMs } = this.#options.timing;
    this.#cancelWatch = this.#options.clock.setTimer(
      () => {
        this.#cancelWatch = undefined;
        this.#quorumLost = true;
        this.#events.emit('quorum-lost');
      },
      electionTimeoutInMs + 2 * followerMaxIdleInMs,
    );
  }

  #endWatch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }
}
