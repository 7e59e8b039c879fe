import { StoredStateError } from '../errors.js';
import type { Random } from '../ports/clock.js';

const randomBits = 10;

/** Frames carry numbers up to one more. */
export const maxIncarnation = Number.MAX_SAFE_INTEGER - 1;

/**
 * A new incarnation: the wall-clock start time in ms, then ten random bits, so that two starts in one millisecond differ.
 * A starter that was told of a higher one for its id (its clock went backwards) takes that plus one.
 * @throws {StoredStateError} where there is none: that one was made up, or the clock is wrong by centuries
 */
export function newIncarnation(wallTimeInMs: number, random: Random, highestSeen = -1): number {
  const range = 2 ** randomBits;
  const incarnation = Math.max(Math.floor(wallTimeInMs) * range + Math.floor(random() * range), highestSeen + 1);
  if (!(incarnation <= maxIncarnation)) throw new StoredStateError(`no incarnation follows ${highestSeen}`);
  return incarnation;
}
