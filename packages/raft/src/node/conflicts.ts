import type { EventEmitter } from 'eventemitter3';
import { DuplicateMemberError, GridConflictError } from '../errors.js';
import type { RaftNodeEvents } from './events.js';
import type { ResolvedOptions } from './options.js';

/** Tells of ids and grids that there must not be two of, once as long as it is the same. */
export class Conflicts {
  #told = '';
  /** Since when the grid takes this member for another process. */
  #refusedSince: number | undefined;

  constructor(
    private readonly options: Pick<ResolvedOptions, 'id' | 'clock' | 'timing'>,
    private readonly events: EventEmitter<RaftNodeEvents>,
  ) {}

  /** Another process runs under this member's id. */
  ofIds(): void {
    this.#tellOnce('duplicate', () => new DuplicateMemberError(this.options.id));
  }

  /** Grids of one name were met, or states of several are held. */
  ofGrids(gridIds: readonly string[]): void {
    this.#tellOnce(gridIds.join(), () => {
      this.events.emit('grid-conflict', gridIds);
      return new GridConflictError(gridIds);
    });
  }

  /**
   * What the grid said to this member's request to join. Who died a moment ago counts as alive for an idle time yet: only a refusal
   * that lasts longer tells of another process.
   */
  answered(outcome: string): void {
    if (outcome !== 'duplicate-member') {
      this.#refusedSince = undefined;
      return;
    }
    const { clock, timing } = this.options;
    this.#refusedSince ??= clock.now();
    if (clock.now() - this.#refusedSince > 2 * timing.followerMaxIdleInMs) this.ofIds();
  }

  #tellOnce(what: string, error: () => Error): void {
    if (this.#told === what) return;
    this.#told = what;
    this.events.emit('error', error());
  }
}
