import type { CollectionContext, CollectionOptions } from '../collection.js';
import type { HoldNames } from '../permits/hold-names.js';
import type { LeaseOptions } from '../permits/permit-options.js';
import { Permits } from '../permits/permits.js';

export interface HamokLockOptions extends LeaseOptions, CollectionOptions {
  /** Names the lock in the grid: every member that creates it has the same one. */
  readonly lockId: string;
}

/**
 * A lock that one caller has at a time, of those on all members: the only permit of a semaphore. Not reentrant.
 *
 * ```ts
 * await lock.run(async ({ token, signal }) => store.write(report, { token, signal }));
 * ```
 */
export class HamokLock extends Permits {
  /** For `Collections`, which makes the locks. */
  constructor(context: CollectionContext, options: HamokLockOptions, names: HoldNames) {
    super(context, options.lockId, 1, options, names);
  }

  /** Whether somebody has it, as it is known here: local, and over before it is used. */
  get locked(): boolean {
    return this.slots.available === 0;
  }
}
