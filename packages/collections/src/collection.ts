import type { StorageKind } from '@hamok/messages';
import type { Clock } from './clock.js';
import type { MemberId, Wait } from './consensus.js';
import type { DirectChannel } from './direct-channel.js';
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
  /** What goes to other members outside the log. */
  readonly channel: DirectChannel;
  /** This member, as its engine names it now. */
  readonly self: () => MemberId;
  /** Resolves once everything that was committed in the grid before the call is applied here. */
  readonly barrier: (wait?: Wait) => Promise<number>;
  /** The highest index applied here; -1 for none. */
  readonly applied: () => number;
  /** Whether this member hears a leader, or is it. */
  readonly isLed: () => boolean;
  readonly clock: Clock;
  /** Hands the engine a command that belongs to no session. */
  readonly propose: (command: Uint8Array) => Promise<unknown>;
  /** What a call waits for at most, where neither it nor its collection says otherwise. */
  readonly requestTimeoutInMs: number;
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
