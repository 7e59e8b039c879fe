/** What `setAll` of a `BaseMap` tells its callback. */
export type BaseMapUpdateResult<K, V> = {
  inserted: [K, V][];
  updated: [K, oldValue: V, newValue: V][];
};

/** 2.6's name for what a member holds of a map or a queue. */
export interface BaseMap<K, V> extends Map<K, V> {
  getAll(keys: IterableIterator<K>): ReadonlyMap<K, V>;
  set(key: K, value: V, callback?: (oldValue: V | undefined) => void): this;
  setAll(entries: ReadonlyMap<K, V>, callback?: (result: BaseMapUpdateResult<K, V>) => void): this;
  insert(key: K, value: V): V | undefined;
  insertAll(entries: ReadonlyMap<K, V>): ReadonlyMap<K, V>;
  deleteAll(keys: IterableIterator<K>): K[];
  remove(key: K): V | undefined;
  removeAll(keys: IterableIterator<K>): ReadonlyMap<K, V>;
}
