import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';

export interface HamokRecordOptions<T extends object> extends CollectionOptions {
  /** Names the record in the grid: every facade with this id shows the same record. */
  readonly recordId: string;
  /** For fields that have a codec of their own, to text. Must be the same on every member. */
  readonly payloadCodecs?: ReadonlyMap<keyof T, HamokCodec<T[keyof T], string>>;
  /** For all other fields. Default: JSON. Must be the same on every member. */
  readonly codec?: HamokCodec<T[keyof T], Uint8Array>;
  /** Initial fields: inserted through the log, where a field is not set. */
  readonly initialObject?: Partial<T>;
  /** For local comparisons of the program; what the grid compares is encoded bytes. */
  readonly equalValues?: (a: T[keyof T], b: T[keyof T]) => boolean;
}

/** Bytes, or what `JSON.stringify` makes of Node.js's `Buffer`. */
export type SnapshotBytes = Uint8Array | { readonly type: 'Buffer'; readonly data: readonly number[] };

/** A record's content: names and values of its fields in pairs, as their codecs encoded them. */
export interface HamokRecordSnapshot {
  readonly recordId: string;
  readonly keys: readonly SnapshotBytes[];
  readonly values: readonly SnapshotBytes[];
}

/** What an export gives. As JSON it has the form that 2.6 wrote. */
export interface HamokRecordExport extends HamokRecordSnapshot {
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
}

export type RecordInsert<T> = { [K in keyof T & string]: { readonly key: K; readonly value: T[K] } }[keyof T & string];

export type RecordUpdate<T> = {
  [K in keyof T & string]: { readonly key: K; readonly oldValue: T[K]; readonly newValue: T[K] };
}[keyof T & string];

export type HamokRecordEvents<T> = {
  insert: [inserted: RecordInsert<T>];
  update: [updated: RecordUpdate<T>];
  remove: [removed: RecordInsert<T>];
  clear: [];
  close: [];
};
