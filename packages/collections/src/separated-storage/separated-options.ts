import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';
import type { CallOptions } from '../session/call.js';

export interface SeparatedStorageOptions<K, V> extends CollectionOptions {
  /** Names the storage in the grid: every member that creates it takes part in the same one. */
  readonly storageId: string;
  /** Default: JSON. Must be the same on every member, and encode equal keys equally. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** Default: JSON. Must be the same on every member. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /** On how many other members each entry has a copy, from 0; fewer where there are not so many. Default: 1. */
  readonly backups?: number;
}

/** For calls that ask all members. */
export interface GridCallOptions extends CallOptions {
  /** Takes what those gave who answered, and is told who did not. Without it the call rejects with a `MissingMembersError`. */
  readonly onMissing?: (memberIds: readonly string[]) => void;
}
