import type { StorageKind } from '@hamok/messages';
import type { HamokError } from './errors.js';
import type { ReplicatedState } from './replicated/replicated-state.js';
import type { Session } from './session/session.js';

/** What every facade is, whatever it holds. */
export interface Collection {
  readonly id: string;
  readonly kind: StorageKind;
  readonly closed: boolean;
  readonly ready: Promise<unknown>;
  /** Detaches this facade. What is replicated stays, and another facade can be created. */
  close(): void;
}

/** What a facade is given to work with. */
export interface CollectionContext {
  readonly state: ReplicatedState;
  readonly session: Session;
  /** Errors that belong to no call: of listeners, and of values that cannot be decoded for them. */
  readonly onError: (error: HamokError) => void;
  readonly onClose: (collection: Collection) => void;
}

/** What every collection's options begin with. */
export interface CollectionOptions {
  /** Longest wait of a call in ms, from 0. Default: that of the whole, which is 5000. */
  readonly requestTimeoutInMs?: number;
  /** Accepted for programs of 2.6; a collection's state is always there, so nothing waits for it. */
  readonly remoteStorageStateWaitingTimeoutInMs?: number;
  /** Accepted for programs of 2.6; a batch is one command, up to `maxCommandBytes`. */
  readonly maxOutboundMessageKeys?: number;
  /** Accepted for programs of 2.6, like `maxOutboundMessageKeys`. */
  readonly maxOutboundMessageValues?: number;
}
