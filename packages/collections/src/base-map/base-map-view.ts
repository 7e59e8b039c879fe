import { OptionError } from '../errors.js';
import type { BaseMap } from './base-map.js';

/** What a view reads. */
export interface Readable<K, V> {
  readonly size: number;
  get(key: K): V | undefined;
  entries(): IterableIterator<[K, V]>;
}

/**
 * What a member holds, as the `BaseMap` that programs of 2.6 read. It shows what is there when it is asked. Its changing calls throw an
 * `OptionError`: what is changed behind the grid's back would be different on every member.
 */
export class BaseMapView<K, V> implements BaseMap<K, V> {
  readonly [Symbol.toStringTag] = 'BaseMap';

  constructor(private readonly source: () => Readable<K, V>) {}

  get size(): number {
    return this.source().size;
  }

  get(key: K): V | undefined {
    return this.source().get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  getAll(keys: Iterable<K>): ReadonlyMap<K, V> {
    const found = new Map<K, V>();
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  forEach(callback: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return new Map(this.source().entries()).entries();
  }

  keys(): MapIterator<K> {
    return new Map(this.source().entries()).keys();
  }

  values(): MapIterator<V> {
    return new Map(this.source().entries()).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  set(): never {
    throw readOnly();
  }

  setAll(): never {
    throw readOnly();
  }

  insert(): never {
    throw readOnly();
  }

  insertAll(): never {
    throw readOnly();
  }

  delete(): never {
    throw readOnly();
  }

  deleteAll(): never {
    throw readOnly();
  }

  remove(): never {
    throw readOnly();
  }

  removeAll(): never {
    throw readOnly();
  }

  clear(): never {
    throw readOnly();
  }
}

function readOnly(): OptionError {
  return new OptionError('baseMap', 'is for reading: change the collection itself');
}
