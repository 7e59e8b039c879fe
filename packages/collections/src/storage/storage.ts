import type { EventEmitter } from 'eventemitter3';

/** What happened to the entries of one storage. Listeners are called after the storage has changed. */
export interface StorageEvents<K, V> {
  created: (key: K, value: V) => void;
  updated: (key: K, oldValue: V, newValue: V) => void;
  deleted: (key: K, value: V) => void;
  /** Its time ran out. */
  expired: (key: K, value: V) => void;
  /** It was taken out to be kept elsewhere: nobody deleted it. */
  evicted: (key: K, value: V) => void;
  /** It was brought back from where it was kept: nobody made it anew. */
  restored: (key: K, value: V) => void;
  cleared: () => void;
  closed: () => void;
}

/**
 * Keeps entries: in memory, in a database, or shared with the other members of a grid. Whoever uses one does not need to know which.
 *
 * Every call is asynchronous, and the batched ones come first: over a network one batch costs what one entry does. A call for one key
 * does what the batch of that one key does. Keys that are equal by value are one key, however the storage compares them.
 * Calls that are made one after another take effect in that order.
 *
 * Promises reject with errors that have a stable `code`, `closed` after `close()`. A batch that was cut off in its midst rejects; what it
 * changed until then stays changed, unless the storage says that its batches are atomic.
 */
export interface Storage<K, V> extends AsyncIterable<readonly [K, V]> {
  readonly id: string;
  readonly closed: boolean;
  readonly events: EventEmitter<StorageEvents<K, V>>;

  size(): Promise<number>;
  isEmpty(): Promise<boolean>;
  keys(): Promise<ReadonlySet<K>>;

  get(key: K): Promise<V | undefined>;
  /** The entries of those keys that are taken. */
  getAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>>;

  /** Resolves with the value that the key had before. */
  set(key: K, value: V): Promise<V | undefined>;
  /** Resolves with the entries that the keys had before. */
  setAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>>;

  /** Writes where the key is not taken. Resolves with the value that is there already, or undefined where it was inserted. */
  insert(key: K, value: V): Promise<V | undefined>;
  /** Writes those whose keys are not taken. Resolves with the entries that were there already. */
  insertAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>>;

  /** Resolves with whether there was something to delete. */
  delete(key: K): Promise<boolean>;
  /** Resolves with the keys that were deleted. */
  deleteAll(keys: Iterable<K>): Promise<ReadonlySet<K>>;

  /** Takes the entry out without deleting it: the event is `evicted`. Resolves with whether there was one. */
  evict(key: K): Promise<boolean>;
  /** Resolves with the entries that were taken out. */
  evictAll(keys: Iterable<K>): Promise<ReadonlyMap<K, V>>;

  /** Brings an entry back where the key is not taken: the event is `restored`. Resolves with whether it was not. */
  restore(key: K, value: V): Promise<boolean>;
  /** Resolves with the keys that were brought back. */
  restoreAll(entries: Iterable<readonly [K, V]>): Promise<ReadonlySet<K>>;

  clear(): Promise<void>;

  /** The entries, each once. What changes meanwhile may or may not be seen. */
  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]>;

  /** Ends its calls and lets go of what it holds open; what a database keeps stays there. Idempotent, never rejects. */
  close(): Promise<void>;
}
