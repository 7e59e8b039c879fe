import type { SeededRandom } from '../../random.js';

/** How long a caller waits: often not until the default, so that what it gave up on may still happen. */
export function patience(random: SeededRandom): { readonly timeoutInMs?: number } {
  return random.chance(0.3) ? { timeoutInMs: random.between(1, 800) } : {};
}
