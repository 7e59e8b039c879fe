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
  readonly failover: FailoverFigures;
  /** Up to the return of the killed member; `rollingRestart` counts its own. */
  readonly writes: { readonly loaded: number; readonly measured: number; readonly retries: number };
  readonly commitLatency: { readonly leader: Latency; readonly follower: Latency };
  readonly throughput: ThroughputFigures;
  readonly returned: ReturnFigures;
  readonly rollingRestart: RollingRestartFigures;
  /** What every member held at that time. */
  readonly content: {
    readonly afterReturn: readonly MemberFigures[];
    readonly afterRollingRestart: readonly MemberFigures[];
  };
}

export interface FailoverFigures {
  readonly newLeaderInMs: number;
  readonly firstWriteInMs: number;
}

export interface ThroughputFigures {
  readonly setsPerSecond: number;
  readonly inFlight: number;
  readonly valueBytes: number;
  readonly seconds: number;
}

export interface ReturnFigures {
  readonly id: string;
  /** From the start of the new process until it is a voter and has caught up. */
  readonly joinedInMs: number;
}

export interface RollingRestartFigures {
  readonly elapsedInMs: number;
  readonly steps: readonly RestartFigures[];
}

export interface RestartFigures extends ReturnFigures {
  readonly wasLeader: boolean;
  /** Through whom was written meanwhile. */
  readonly writer: string;
  readonly writes: number;
  readonly retries: number;
  /** The slowest of the writes: it waited for a new leader, where the old one was killed. */
  readonly longestWaitInMs: number;
}

export interface MemberFigures {
  readonly id: string;
  readonly role: 'leader' | 'follower';
  readonly maps: readonly { readonly id: string; readonly size: number; readonly hash: string }[];
  /** Inserts into the data set's map that its listeners saw. A member that came back sees none for what a snapshot brought it. */
  readonly insertsWatched: number;
}
