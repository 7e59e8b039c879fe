import type { Latency } from './process/protocol.js';

/** What `--json` prints. `figures` are absent when the run did not get that far. */
export interface Outcome {
  readonly ok: boolean;
  /** Why it is not ok, a line each. */
  readonly problems: readonly string[];
  readonly elapsedInMs: number;
  readonly figures?: Figures;
}

export interface Figures {
  readonly members: number;
  readonly dataset: { readonly package: string; readonly entries: number };
  readonly killed: { readonly id: string; readonly acknowledgedWrites: number; readonly entriesLeftToOthers: number };
  readonly failover: { readonly newLeaderInMs: number; readonly firstWriteInMs: number };
  readonly survivors: readonly SurvivorFigures[];
  readonly writes: { readonly loaded: number; readonly measured: number; readonly retries: number };
  readonly commitLatency: { readonly leader: Latency; readonly follower: Latency };
  readonly throughput: ThroughputFigures;
}

export interface SurvivorFigures {
  readonly id: string;
  readonly role: 'leader' | 'follower';
  readonly maps: readonly { readonly id: string; readonly size: number; readonly hash: string }[];
  /** Inserts into the data set's map that its listeners saw. */
  readonly insertsWatched: number;
}

export interface ThroughputFigures {
  readonly setsPerSecond: number;
  readonly inFlight: number;
  readonly valueBytes: number;
  readonly seconds: number;
}
