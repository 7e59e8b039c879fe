/// <reference lib="esnext.disposable" preserve="true" />
import type { CallOptions } from '../session/call.js';
import type { KeptLease } from './kept-lease.js';

/**
 * A permit, or a lock, in the hands of one caller until it is released or lost. It renews itself meanwhile.
 *
 * It is lost when its entry is removed or expires in the grid, when its collection is closed, and when the grid does not confirm it for the
 * length of the lease, by this member's own clock: others get it after that, where the clocks of the members go equally fast, by a part in a
 * hundred. A process that stands still learns of it too late: what must not be written by one whose time is over is to check the token.
 */
export class Hold {
  readonly #lease: KeptLease;

  /** For `Permits`, which makes the holds. */
  constructor(lease: KeptLease) {
    this.#lease = lease;
  }

  /**
   * The fencing token: greater than that of every hold of the same lock before (of the same permit, of a semaphore), on all members. A resource that
   * remembers the greatest one it saw, and refuses smaller ones, is safe from holders that do not know yet that they are none.
   *
   * It is a log index. A grid that begins anew, with nothing or with an earlier state, gives smaller ones again.
   */
  get token(): number {
    return this.#lease.claim.token;
  }

  /** Aborted when it is lost, with a `HoldLostError` or a `ClosedError` as its reason. Not by `release()`. */
  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  /** Whether it is neither released nor lost, by what is known here and by the clock. */
  get held(): boolean {
    return this.#lease.isHeld;
  }

  /**
   * Gives it back. Resolves with whether it was held until then. Called again, it answers the same.
   *
   * Rejects as the changes of a `HamokMap` do. It is over for this caller all the same, and for the others as soon as the grid can be
   * reached, or else with the lease.
   */
  release(options?: CallOptions): Promise<boolean> {
    return this.#lease.release(options);
  }

  /** Gives it back, and never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => undefined);
  }
}
