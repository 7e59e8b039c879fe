import { ConfigurationError } from '../errors.js';

/** The network's way to wait: `Clock` of `@hamok/raft` fits, and so does a simulator's. */
export interface MemoryClock {
  /** Calls back once, never from within the call, after at least `delayInMs`. The returned function cancels it. */
  setTimer(callback: () => void, delayInMs: number): () => void;
}

/** What may befall the frames of a link. Chances are 0 to 1. */
export interface LinkFaults {
  /** The chance that a frame is lost. Default 0. */
  readonly loss?: number;
  /** The chance that a frame arrives twice. Default 0. */
  readonly duplication?: number;
  /** Each frame takes a random time between the two, in ms, so frames overtake each other. Default 0. */
  readonly minDelayInMs?: number;
  /** Default: `minDelayInMs`. */
  readonly maxDelayInMs?: number;
}

export interface MemoryNetworkOptions {
  /** Numbers in [0, 1) for the faults. Default `Math.random`; pass a seeded one to repeat a run. */
  readonly random?: () => number;
  /** Default: the process's own timers. A network on a given clock delivers only as that clock advances. */
  readonly clock?: MemoryClock;
  /** Faults of every link to begin with. Default none. */
  readonly faults?: LinkFaults;
  /** A longer frame is refused by `send`. Default 16 MiB. */
  readonly maxFrameBytes?: number;
  /** Frames under way from one member to another; beyond it `send` returns false. Default 1048576. */
  readonly maxQueuedFrames?: number;
  /** Bytes under way from one member to another; beyond it `send` returns false. Default 32 MiB. */
  readonly maxQueuedBytes?: number;
  /**
   * Delivers a copy of each frame and overwrites it after the call, so that a receiver which wrongly keeps the bytes
   * fails here and not first in production. Default false: the sender's own bytes are delivered, uncopied.
   */
  readonly overwriteDelivered?: boolean;
}

export type ResolvedFaults = Required<LinkFaults>;

export const resolveFaults = (faults: LinkFaults): ResolvedFaults => {
  const { loss = 0, duplication = 0, minDelayInMs = 0, maxDelayInMs = minDelayInMs } = faults;
  for (const [field, chance] of Object.entries({ loss, duplication })) {
    if (!(chance >= 0 && chance <= 1)) throw new ConfigurationError(field, 'must be from 0 to 1');
  }
  if (!(minDelayInMs >= 0 && Number.isFinite(minDelayInMs))) {
    throw new ConfigurationError('minDelayInMs', 'must be 0 or more');
  }
  if (!(maxDelayInMs >= minDelayInMs && Number.isFinite(maxDelayInMs))) {
    throw new ConfigurationError('maxDelayInMs', 'must be finite and at least minDelayInMs');
  }
  return { loss, duplication, minDelayInMs, maxDelayInMs };
};

export const resolveOptions = (options: MemoryNetworkOptions) => {
  const limits = {
    maxFrameBytes: options.maxFrameBytes ?? 16 * 1024 * 1024,
    maxQueuedFrames: options.maxQueuedFrames ?? 1024 * 1024,
    maxQueuedBytes: options.maxQueuedBytes ?? 32 * 1024 * 1024,
  };
  for (const [field, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new ConfigurationError(field, 'must be an integer above 0');
  }
  return {
    ...limits,
    random: options.random ?? Math.random,
    clock: options.clock,
    faults: resolveFaults(options.faults ?? {}),
    overwriteDelivered: options.overwriteDelivered ?? false,
  };
};

export type ResolvedOptions = ReturnType<typeof resolveOptions>;
