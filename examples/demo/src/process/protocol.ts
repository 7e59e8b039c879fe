import type { MapContent } from '../content.js';
import type { AcknowledgedWrite } from '../ledger.js';

/** What the main process asks of a member. */
export type Command =
  | { readonly type: 'connect'; readonly addresses: readonly string[] }
  /** Insert those languages that nobody has yet. */
  | { readonly type: 'load'; readonly keys: readonly string[] }
  | LatencyPlan
  | ThroughputPlan
  /** Set one new key after another, until `stop-writing`. */
  | { readonly type: 'write'; readonly prefix: string }
  | { readonly type: 'stop-writing' }
  | { readonly type: 'describe' };

export interface LatencyPlan {
  readonly type: 'measure-latency';
  /** Calls that are not measured. */
  readonly warmUp: number;
  readonly samples: number;
}

export interface ThroughputPlan {
  readonly type: 'measure-throughput';
  readonly inFlight: number;
  readonly valueBytes: number;
  readonly warmUpInMs: number;
  readonly durationInMs: number;
}

/** Of one caller that waits for each call before it makes the next. */
export interface Latency {
  readonly samples: number;
  readonly p50InMs: number;
  readonly p99InMs: number;
}

export interface Throughput {
  /** Acknowledged in the measured time. */
  readonly sets: number;
  readonly durationInMs: number;
}

/** What a member tells the main process, in the order in which it happened. */
export type Report =
  | { readonly type: 'listening'; readonly address: string }
  | { readonly type: 'joined' }
  | { readonly type: 'leader'; readonly leaderId: string | undefined }
  | { readonly type: 'acknowledged'; readonly writes: readonly AcknowledgedWrite[] }
  /** How many changes the member's own listeners saw in the map, whoever made them. */
  | { readonly type: 'watched'; readonly inserts: number }
  | { readonly type: 'latency'; readonly latency: Latency; readonly writes: number }
  | { readonly type: 'throughput'; readonly throughput: Throughput; readonly writes: number }
  /** Answers `stop-writing`. */
  | {
      readonly type: 'wrote';
      readonly writes: number;
      readonly retries: number;
      readonly longestWaitInMs: number;
    }
  /** `retries`: calls that this member made again, because a leader died under them. */
  | {
      readonly type: 'content';
      readonly maps: readonly MapContent[];
      readonly inserts: number;
      readonly retries: number;
    }
  | { readonly type: 'failed'; readonly message: string };

export type ReportOf<T extends Report['type']> = Extract<Report, { type: T }>;
