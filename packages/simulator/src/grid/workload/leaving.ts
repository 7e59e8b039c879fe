import type { Process } from '../world/process.js';
import { type Ending, follow, leavingAgainTakes } from './calls.js';

/** A process leaves its grid. It counts as about to leave until the caller says that it remains. */
export function leave(process: Process): Promise<Ending<void>> {
  const { world, hamok } = process;
  const facts = world.departing.has(process) ? { timeoutInMs: leavingAgainTakes } : {};
  world.departs(process);
  return follow(process, 'leave', hamok.leave(), facts);
}
