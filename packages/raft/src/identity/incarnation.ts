import type { Random } from '../ports/clock.js';

const randomBits = 10;

/**
 * A new incarnation: the wall-clock start time in ms, then ten random bits, so that two starts in one millisecond differ.
 * A starter that was told of a higher one for its id (its clock went backwards) takes that plus one.
 */
export function newIncarnation(wallTimeInMs: number, random: Random, highestSeen = -1): number {
  const range = 2 ** randomBits;
  return Math.max(Math.floor(wallTimeInMs) * range + Math.floor(random() * range), highestSeen + 1);
}
