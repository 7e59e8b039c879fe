import { Violation } from '../../invariants/invariant.js';
import { describeCall } from '../workload/calls.js';
import type { GridInvariant } from './grid-invariant.js';

/** How often it is looked at, and how much later than its limit a call may end: collections look at their calls ten times a second (ms). */
const every = 100;
const tolerance = 400;

/** Every call of a program ends within its time, with a result or with a typed error, whatever happens to the grid. */
export function punctualCalls(): GridInvariant {
  const name = 'calls end in time';
  let nextLook = 0;
  return {
    name,
    source: 'architecture: "Every promise ends, with a result or with a typed error"; CallOptions.timeoutInMs',
    onStep({ world }) {
      const { now } = world.queue;
      if (now < nextLook) return;
      nextLook = now + every;
      for (const call of world.calls) {
        const { process, limit } = call;
        const late = now - Math.max(limit, process.runningSince);
        if (process.status === 'running' && late > tolerance)
          throw new Violation(name, `${describeCall(call)}, is late by ${late.toFixed(1)} ms`);
      }
    },
  };
}
