import { Violation } from '../../invariants/invariant.js';
import type { World } from '../world/world.js';

const idle = 1000;
const pollEvery = 100;

/** Runs on until nothing is missing. Throws a `Violation` if something still is after so many idle times. */
export async function eventually(
  world: World,
  what: string,
  idleTimes: number,
  missing: () => string | undefined,
): Promise<void> {
  const until = world.queue.now + idleTimes * idle;
  let reason = missing();
  while (reason !== undefined && world.queue.now < until) {
    await world.runFor(pollEvery);
    reason = missing();
  }
  if (reason !== undefined) throw new Violation('liveness', `${what}: ${reason} after ${idleTimes} idle times`);
}
