import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';
import type { CallOptions } from '../session/call.js';

/** What the options of storages begin with whose entries live on the members. */
export interface GridStorageOptions<K, V> extends CollectionOptions {
  /** Names the storage in the grid: every member that creates it takes part in the same one. */
  readonly storageId: string;
  /** Default: JSON. Must be the same on every member, and encode equal keys equally. */
  readonly keyCodec?: HamokCodec<K, Uint8Array>;
  /** Default: JSON. Must be the same on every member. */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /**
   * On how many other members each entry has a copy, from 0; fewer where there are not so many. The first who takes part decides it:
   * `ready` and the calls of one with another number reject with a `BackupsError`. Default: 1.
   */
  readonly backups?: number;
  /** Keys that one message may have, from 1. Default: 1024. */
  readonly maxOutboundMessageKeys?: number;
}

/**
 * For calls that ask other members. Without a `timeoutInMs` they go on beyond `requestTimeoutInMs` while those who were asked say that they
 * work on it, up to twelve times as long.
 */
export interface GridCallOptions extends CallOptions {
  /**
   * Takes what those gave who answered, this member always among them, and is told who did not. Without it the call rejects with a
   * `MissingMembersError`. Where nobody could be asked in time, or this member's own part is not done, it rejects nevertheless: so does a `clear` while
   * copies of what this member holds are on one that is silent.
   */
  readonly onMissing?: (memberIds: readonly string[]) => void;
}
