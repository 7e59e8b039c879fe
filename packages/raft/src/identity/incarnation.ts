import { StoredStateError } from '../errors.js';
import type { Random } from '../ports/clock.js';

const randomBits = 10;

/** So many numbers above the highest that a starter was told of it takes one of. */
const outbidding = 2 ** 20;

/** Frames carry numbers up to one more. */
export const maxIncarnation = Number.MAX_SAFE_INTEGER - 1;

/**
 * A new incarnation: the wall-clock start time in ms, then ten random bits, so that two starts in one millisecond differ.
 * A starter that was told of one as high for its id (its clock went backwards) takes a higher one, at random: another process may have been
 * told of the same.
 * @throws {StoredStateError} where there is none: that one was made up, or the clock is wrong by centuries
 */
export function newIncarnation(wallTimeInMs: number, random: Random, highestSeen = -1): number {
  const range = 2 ** randomBits;
  const drawn = random();
  const started = Math.floor(wallTimeInMs) * range + Math.floor(drawn * range);
  const incarnation = started <= highestSeen ? highestSeen + 1 + Math.floor(drawn * outbidding) : started;
  if (!(incarnation <= maxIncarnation)) throw new StoredStateError(`no incarnation follows ${highestSeen}`);
  return incarnation;
}
