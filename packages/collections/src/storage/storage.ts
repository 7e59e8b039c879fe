import type { EventEmitter } from 'eventemitter3';
import type { HamokCodec } from '../codec.js';
import type { HamokError } from '../errors.js';

/**
 * What happened to the entries of one storage, by calls on it. Listeners are called after the storage has changed and before the
 * call resolves, in the order of the changes; those of one batch in the order of the batch, after all of it. A call that changes
 * nothing (an insert where the key is taken, a delete where it is not) has no event. What a listener throws ends neither the call
 * nor the storage.
 */
export interface StorageEvents<K, V> {
  created: (key: K, value: V) => void;
  /** It was written again, also by an equal value. */
  updated: (key: K, oldValue: V, newValue: V) => void;
  deleted: (key: K, value: V) => void;
  /** Its time ran out. */
  expired: (key: K, value: V) => void;
  /** It was taken out to be kept elsewhere: nobody deleted it. */
  evicted: (key: K, value: V) => void;
  /** It was brought back from where it was kept: nobody made it anew. */
  restored: (key: K, value: V) => void;
  /** By `clear`, also where there was nothing. The entries have no event of their own. */
  cleared: () => void;
  /** The last event. Fired once. */
  closed: () => void;
}

/**
 * Keeps entries: in memory, in a database, or shared with the other members of a grid. Whoever uses one does not need to know which.
 *
 * Every call is asynchronous, and the batched ones come first: over a network one batch costs what one entry does. A call for one key
 * does what the batch of that one key does. Calls that are made one after another take effect in that order, awaited or not. Only what
 * reads all (`size`, `isEmpty`, `keys`, iteration) may also see changes made after it, while it is not awaited.
 *
 * *Keys* that are equal by value are one key: those whose encoded bytes are equal, JSON by default. Results name keys as the call did, equal
 * ones of a batch as the first of them. *Values* are whatever the storage's codec holds, `null` and falsy ones included. `undefined` is no key and no value: it says that
 * there is none. Values may be kept and handed out as they are, not copied: treat what was passed and what is given as read-only.
 *
 * *Batches* are read as a `Map` reads entries: of a key that comes twice, the last value counts, at the first's place. They are read
 * before the call returns, so that the caller may change them afterwards; results are the caller's own. An empty batch does nothing.
 *
 * *Failure.* Calls never throw, they reject, with errors that have a stable `code`: `codec` for a key or value that cannot be encoded
 * (then nothing of the batch was done), `option` for arguments that cannot be meant, `closed` after `close()`. A batch that was cut
 * off in its midst rejects; what it changed until then stays changed, unless the storage says that its batches are atomic. Every call
 * ends. The storages of a grid take `signal` and `timeoutInMs` as the last argument of each, and say by which codes a call ends then.
 */
export interface Storage<K, V> extends AsyncIterable<readonly [K, V]> {
  readonly id: string;
  /** True from the call of `close` on. */
  readonly closed: boolean;
  readonly events: EventEmitter<StorageEvents<K, V>>;

  size(): Promise<number>;
  isEmpty(): Promise<boolean>;
  /** In no particular order. */
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

  /**
   * The entries, each key once, in no particular order. What changes meanwhile may or may not be seen; whatever is there from the
   * first to the last is. Ends also while entries are added, and rejects with `closed` when the storage is closed meanwhile.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<readonly [K, V]>;

  /**
   * Calls that were made before end, with their result or with `closed`; later ones reject with `closed`. Lets go of what the storage
   * holds open; what a database keeps stays there. Idempotent, never rejects.
   */
  close(): Promise<void>;
}

/** What the options of every storage begin with. */
export interface StorageOptions<K> {
  /** Names the storage, where several share a place. */
  readonly id: string;
  /** Keys are equal when it encodes them equally. Default: JSON. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** What listeners throw, as a `ListenerError`. Default: it is dropped. */
  readonly onError?: (error: HamokError) => void;
}
