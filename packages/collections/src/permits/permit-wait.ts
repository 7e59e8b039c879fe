import { LimitedWait } from '../limited-wait.js';
import type { Hold } from './hold.js';

/** One caller that waits for a permit. */
export class PermitWait extends LimitedWait<Hold> {
  readonly #failing = new AbortController();

  /** Aborted when the caller does not wait any more, and was given nothing. */
  get failed(): AbortSignal {
    return this.#failing.signal;
  }

  override fail(error: unknown): void {
    if (this.ended) return;
    super.fail(error);
    this.#failing.abort(error);
  }
}
