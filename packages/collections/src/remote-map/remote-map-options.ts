import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';
import type { StorageView } from '../storage/transactional-storage.js';

/** What `setAll` of 2.6's `RemoteMap` tells its callback. */
export type RemoteMapUpdateResult<K, V> = {
  inserted: [K, V][];
  updated: [K, oldValue: V, newValue: V][];
};

/** 2.6's way to say how entries are kept in a database. What is written anew implements `Storage`. */
export interface RemoteMap<K, V> {
  size(): Promise<number>;
  clear(): Promise<void>;
  keys(): Promise<IterableIterator<K>>;
  get(key: K): Promise<V | undefined>;
  getAll(keys: IterableIterator<K>): Promise<ReadonlyMap<K, V>>;
  set(key: K, value: V, callback?: (oldValue: V | undefined) => void): Promise<void>;
  setAll(entries: ReadonlyMap<K, V>, callback?: (result: RemoteMapUpdateResult<K, V>) => void): Promise<void>;
  remove(key: K): Promise<V | undefined>;
  removeAll(keys: IterableIterator<K>): Promise<ReadonlyMap<K, V>>;
  iterator(): AsyncIterableIterator<[K, V]>;
}

/** What a remote map needs of the storage behind it: every `Storage` has it. */
export type RemoteStorage<K, V> = Pick<
  StorageView<K, V>,
  'size' | 'keys' | 'get' | 'getAll' | 'setAll' | 'insertAll' | 'deleteAll' | 'clear'
> &
  AsyncIterable<readonly [K, V]>;

export interface HamokRemoteMapOptions<K, V> extends CollectionOptions {
  /** Names the map in the grid: every facade with this id changes the same entries. */
  readonly mapId: string;
  /**
   * Where the entries are, a `Storage` in most cases: the same database on every member. Every member that may lead has to show the map, for the leader makes the
   * changes. A `TransactionalStorage` makes each change once, any other at least once. It stays the program's to close.
   */
  readonly remoteMap: RemoteStorage<K, V> | RemoteMap<K, V>;
  /** For keys on their way to the leader. Default: JSON. Must be the same on every member, and encode equal keys equally. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** For values on their way to the leader, and back. Default: JSON. Must be the same on every member. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /**
   * By which the leader compares what is in the database with what `updateIf` and `removeIf` expect. Default: equality of encoded
   * bytes, which a database that orders the fields of objects in its own way needs something else for.
   */
  readonly equalValues?: (a: V, b: V) => boolean;
  /** False: this facade emits no `insert`, `update`, `remove` and `clear`. Default: true. */
  readonly emitEvents?: boolean;
  /** The opposite of `emitEvents`, for programs of 2.6. */
  readonly noEvents?: boolean;
  /**
   * Longest time that the leader gives a change, in ms above 0; `Infinity` for no end. So long it tries again while the storage is not to
   * be reached, and waits for an answer; then the change fails, though it may still happen, and the next one is made. Default: 30000.
   */
  readonly storageTimeoutInMs?: number;
}

/** All there is to export: the entries are in the database. */
export interface HamokRemoteMapSnapshot {
  readonly mapId: string;
  /** The index of the last change that was made; -1 for none. */
  readonly appliedCommitIndex: number;
}

export type HamokRemoteMapEvents<K, V> = {
  insert: [key: K, value: V];
  update: [key: K, oldValue: V, newValue: V];
  remove: [key: K, value: V];
  clear: [];
  close: [];
};
