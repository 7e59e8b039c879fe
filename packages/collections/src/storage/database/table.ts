import type { HamokError } from '../../errors.js';

/** A key and a value, encoded. */
export type EncodedEntry = readonly [key: Uint8Array, value: Uint8Array];

/** What a key had before a change; null where it is not known whether it was changed. */
export type Before = Uint8Array | undefined | null;

/**
 * The entries of one storage in a database: bytes by bytes. The keys of one call differ, and there is at least one. Outcomes stand in
 * the order of the keys. Calls reject with a `StorageUnavailableError` where the database does not carry them out.
 */
export interface Table {
  get(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Resolves with what was there before. */
  set(entries: readonly EncodedEntry[]): Promise<readonly Before[]>;
  /** Writes where nothing is there. Resolves with what was there before. */
  insert(entries: readonly EncodedEntry[]): Promise<readonly Before[]>;
  /** Resolves with what was there before. */
  delete(keys: readonly Uint8Array[]): Promise<readonly Before[]>;
  size(): Promise<number>;
  keys(): Promise<readonly Uint8Array[]>;
  clear(): Promise<void>;
}

/** What `work` resolves with is saved as the note, in one transaction with what it changed; undefined undoes all. */
export type TableWork = (table: Table, note: Uint8Array | undefined) => Promise<Uint8Array | undefined>;

/** A table of its own, whose calls take effect in the order in which they are made. */
export interface DatabaseTable extends Table {
  /** The entries, each once, a page at a time: whatever is there from the first page to the last. They come to an end. */
  pages(): AsyncIterable<readonly EncodedEntry[]>;
  transact(name: string, work: TableWork): Promise<void>;
  /** Resolves once the calls that were made before have ended. The database's client is left as it is. */
  close(): Promise<void>;
}

/** Thrown by a change in several parts of which some failed: what is known of each key, and why the first that failed did. */
export class PartlyDone {
  constructor(
    readonly before: readonly Before[],
    readonly cause: HamokError,
  ) {}
}
