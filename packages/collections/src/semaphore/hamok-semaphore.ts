import type { CollectionContext, CollectionOptions } from '../collection.js';
import type { HoldNames } from '../permits/hold-names.js';
import { type LeaseOptions, permitsOf } from '../permits/permit-options.js';
import { Permits } from '../permits/permits.js';

export interface HamokSemaphoreOptions extends LeaseOptions, CollectionOptions {
  /** Names the semaphore in the grid: every member that creates it has the same one. */
  readonly semaphoreId: string;
  /** How many may be held at once over the whole grid, from 1 to 1024. The same on every member: the grid does not know it. */
  readonly permits: number;
}

/**
 * As many permits as it was created with, for the callers on all members together.
 *
 * ```ts
 * await semaphore.run(async ({ signal }) => download(url, { signal }));
 * ```
 */
export class HamokSemaphore extends Permits {
  readonly permits: number;

  /** For `Collections`, which makes the semaphores. */
  constructor(context: CollectionContext, options: HamokSemaphoreOptions, names: HoldNames) {
    const permits = permitsOf(options.permits);
    super(context, options.semaphoreId, permits, options, names);
    this.permits = permits;
  }

  /** How many are free, as it is known here: local, and over before it is used. */
  get available(): number {
    return this.slots.available;
  }
}
