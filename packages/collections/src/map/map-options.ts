import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';
import type { CallOptions } from '../session/call.js';

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
  /**
   * How many of the latest changes are kept for `watch`, and bytes of their keys and values; those of the latest revision are kept
   * in any case. Given, they are kept from the creation on; else from the first `watch` on. Default: 16384 changes and 4 MiB.
   */
  readonly watchRetention?: { readonly changes?: number; readonly bytes?: number };
}

export interface WriteOptions extends CallOptions {
  /**
   * Ends what is written after so much log time, in ms above 0: never early, and as soon after as the leader notices. Default, and
   * `Infinity`: it does not end.
   */
  readonly ttlInMs?: number;
}

export interface BatchOptions extends CallOptions {
  /**
   * False: a batch of any size, made in several changes of at most `maxOutboundMessageKeys`, `maxOutboundMessageValues` and
   * `maxCommandBytes`. Others may come between, and some may be made when others are not (`partial-batch`). Default: true.
   */
  readonly atomic?: boolean;
}

export interface WriteAllOptions extends WriteOptions, BatchOptions {}

export interface ReadOptions extends CallOptions {
  /** `linearizable`: everything that was committed in the grid before the call is seen. `local`: what is here. Default: `linearizable`. */
  readonly consistency?: 'linearizable' | 'local';
}

export interface WatchOptions {
  /**
   * The first revision to be told, where its changes are retained here. To go on after a change, pass its revision: the changes of
   * a batch share one, and it is told again whole. Default: what changes from now on.
   */
  readonly fromRevision?: number;
  /** Ends the watch when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A value with what is known about it. */
export interface HamokMapEntry<V> {
  readonly value: V;
  /** The log index of the change that wrote it, the same on every member. */
  readonly revision: number;
  /** When it ends, in ms of log time, whose origin means nothing. Undefined where it does not. */
  readonly expiresAt: number | undefined;
  /** How much log time is left, in ms from 0: an estimate, never too low while there is a leader. Undefined where it does not end. */
  readonly expiresInMs: number | undefined;
}

/** One change of one key, or of all. `revision` is the log index of the command, which all changes of a batch share. */
export type HamokMapChange<K, V> = { readonly revision: number } & (
  | { readonly type: 'insert'; readonly key: K; readonly value: V }
  | { readonly type: 'update'; readonly key: K; readonly value: V; readonly oldValue: V }
  | { readonly type: 'remove' | 'expire'; readonly key: K; readonly oldValue: V }
  | { readonly type: 'clear' }
);

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
  expire: [key: K, value: V];
  clear: [];
  close: [];
};
