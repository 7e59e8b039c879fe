import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';
import { OptionError } from '../errors.js';
import type { BatchOptions } from '../map/map-options.js';

export interface HamokQueueOptions<T> extends CollectionOptions {
  /** Names the queue in the grid: every facade with this id shows the same queue. */
  readonly queueId: string;
  /** Default: JSON. Must be the same on every member. */
  readonly codec?: HamokCodec<T, Uint8Array>;
  /** Initial content, in the order of its keys: pushed through the log, unless something was ever pushed to the queue. */
  readonly baseMap?: Iterable<readonly [number, T]>;
  /** How often an item that this member takes may have been delivered before it becomes a dead letter, from 1. Default: without a limit. */
  readonly maxDeliveries?: number;
}

export interface PushOptions extends BatchOptions {
  /** The items can be taken after so many ms of log time, from 0. Default: 0. */
  readonly delayInMs?: number;
  /** While it is remembered, another push with this id does nothing. */
  readonly dedupId?: string;
  /** For how long the id is remembered, in ms of log time, from 1. Default: 300000. */
  readonly dedupRetentionInMs?: number;
}

/** How long to wait for an item. Who stops waiting has taken nothing. */
export interface WaitOptions {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal;
  /** Ends the wait after so many ms, from 0. Default: it does not end. */
  readonly timeoutInMs?: number;
}

export interface PopWaitOptions extends WaitOptions {
  readonly wait: true;
}

export interface TakeOptions extends WaitOptions {
  /** How long the item is held before it is offered to others, in ms of log time, from 1. Default: 30000. */
  readonly visibilityTimeoutInMs?: number;
  /** False: resolves with undefined where there is no item, instead of waiting for one. Default: true. */
  readonly wait?: boolean;
}

/** A queue's content as text: keys count from 0, values are as the codec encoded them. */
export interface HamokQueueSnapshot {
  readonly queueId: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** Absent: the encoded bytes read as UTF-8. `base64` where one of them is not UTF-8. */
  readonly encoding?: 'base64';
}

/** `add` and `remove` tell what can be taken: an item that is held is removed, and one that is offered again is added again. */
export type HamokQueueEvents<T> = {
  add: [item: T];
  remove: [item: T];
  empty: [];
  'not-empty': [];
  /** An item was delivered as often as it may be, and not acknowledged. */
  'dead-letter': [item: T, deliveries: number];
  close: [];
};

export const defaultVisibilityTimeoutInMs = 30_000;
export const defaultDedupRetentionInMs = 300_000;

/** Whole ms of log time. */
export function wholeMs(field: string, value: number, least: number): number {
  if (!(typeof value === 'number' && value >= least && value <= Number.MAX_SAFE_INTEGER))
    throw new OptionError(field, `must be a finite number from ${least}`);
  return Math.ceil(value);
}
