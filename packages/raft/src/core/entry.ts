import type { Configuration } from './configuration.js';

export type EntryKind = 'command' | 'no-op' | 'configuration';

/** One slot of the log. Its bytes never change from the submitter to the log to the disk. */
export interface Entry {
  /** Position in the log, from 0. */
  readonly index: number;
  /** The term in which a leader created it. */
  readonly term: number;
  /** Log time in ms: stamped by that leader, never decreasing along the log. */
  readonly time: number;
  readonly kind: EntryKind;
  readonly data: Uint8Array;
  /** What a configuration entry says; absent on others. */
  readonly configuration?: Configuration;
}

/** Bytes for the entries that the core itself creates. */
export interface EntryEncoder {
  readonly noOp: Uint8Array;
  configuration(configuration: Configuration): Uint8Array;
}

/** The place just before an entry: of the first entry of a new grid it is `origin`. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
  readonly time: number;
}

export const origin: LogPosition = { index: -1, term: 0, time: 0 };
