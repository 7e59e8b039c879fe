import { OptionError } from '../errors.js';

/** How long to wait for a permit. Who stops waiting holds nothing. */
export interface AcquireOptions {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal;
  /** Ends the wait after so many ms, from 0. Default: it does not end. */
  readonly timeoutInMs?: number;
}

export interface LeaseOptions {
  /**
   * For how long a member that is not heard of any more keeps what it holds, in ms of log time from 1000. A lease below the time
   * that an election takes is lost with each leader. Default: 10000.
   */
  readonly leaseInMs?: number;
}

const defaultLeaseInMs = 10_000;
/** Three renewals in a lease, each longer than a few heartbeats of the grid and the way to a majority. */
const leastLeaseInMs = 1000;
/** Each is an entry, and a caller looks through all that are taken. */
const mostPermits = 1024;

/** @throws OptionError */
export function leaseOf({ leaseInMs = defaultLeaseInMs }: LeaseOptions): number {
  if (!(Number.isFinite(leaseInMs) && leaseInMs >= leastLeaseInMs))
    throw new OptionError('leaseInMs', `must be a finite number from ${leastLeaseInMs}`);
  return Math.ceil(leaseInMs);
}

/** @throws OptionError */
export function permitsOf(permits: number): number {
  if (!(Number.isInteger(permits) && permits >= 1 && permits <= mostPermits))
    throw new OptionError('permits', `must be a whole number from 1 to ${mostPermits}`);
  return permits;
}
