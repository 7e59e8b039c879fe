import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';

export interface HamokMapOptions<K, V> extends CollectionOptions {
  /** Names the map in the grid: every facade with this id shows the same map. */
  readonly mapId: string;
  /** Default: JSON. Must be the same on every member, and encode equal keys equally. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** Default: JSON. Must be the same on every member. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /** Initial content: inserted through the log, where a key is not taken. */
  readonly baseMap?: Iterable<readonly [K, V]>;
  /** For local comparisons of the program; what the grid compares is encoded bytes. */
  readonly equalValues?: (a: V, b: V) => boolean;
}

/** A map's content as text: keys and values in pairs, as their codecs encoded them. */
export interface HamokMapSnapshot {
  readonly mapId: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** Absent: the encoded bytes read as UTF-8. `base64` where one of them is not UTF-8. */
  readonly encoding?: 'base64';
}

export type HamokMapEvents<K, V> = {
  insert: [key: K, value: V];
  update: [key: K, oldValue: V, newValue: V];
  remove: [key: K, value: V];
  clear: [];
  close: [];
};
