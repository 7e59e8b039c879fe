import { checkMethods, checkNumber } from './config.js';
import { checkWait } from './within.js';

export interface HamokJoinProcessParams {
  /**
   * How long one search for others takes, in ms, from 1: default 5000. Where neither `peers` nor `expectedPeers` are given, a
   * new grid begins with those found in that time.
   */
  readonly fetchRemotePeerTimeoutInMs?: number;
  /** How many more searches follow the first; -1: without end. Default: 3. */
  readonly maxRetry?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

export interface ResolvedJoin {
  readonly discoveryTimeInMs: number;
  /** For all searches, and for being admitted by what was found. */
  readonly timeoutInMs: number;
  readonly signal: AbortSignal | undefined;
}

export const defaultDiscoveryTimeInMs = 5000;

/** @throws {ConfigurationError} */
export function resolveJoin(params: HamokJoinProcessParams, requestTimeoutInMs: number): ResolvedJoin {
  checkMethods('params', params, []);
  const { fetchRemotePeerTimeoutInMs: discoveryTimeInMs = defaultDiscoveryTimeInMs, maxRetry = 3, signal } = params;
  checkNumber('fetchRemotePeerTimeoutInMs', discoveryTimeInMs, 1, false);
  checkNumber('maxRetry', maxRetry, -1, true);
  if (signal !== undefined) checkWait({ signal });
  const searching = maxRetry < 0 ? Number.POSITIVE_INFINITY : discoveryTimeInMs * (maxRetry + 1);
  return { discoveryTimeInMs, timeoutInMs: searching + requestTimeoutInMs, signal };
}
