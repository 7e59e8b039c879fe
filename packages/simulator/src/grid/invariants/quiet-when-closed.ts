import { Violation } from '../../invariants/invariant.js';
import type { GridInvariant } from './grid-invariant.js';

/** A member that was closed leaves no timer behind. */
export function quietWhenClosed(): GridInvariant {
  const name = 'who is closed is quiet';
  return {
    name,
    source: 'architecture: "Closing is graceful and idempotent and leaves no timer running"',
    onClosed({ name: process, clock }) {
      const { pending } = clock;
      if (pending > 0) throw new Violation(name, `${process} is closed, and ${pending} timers run`);
    },
  };
}
