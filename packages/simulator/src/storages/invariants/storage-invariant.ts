import type { MemberId } from '@hamok/collections';
import type { Call } from '../calls.js';
import type { Change } from '../changes.js';
import type { Host } from '../host.js';
import type { SharedStorage, StoragesWorld } from '../storages-world.js';

/** A call of a program on one member's storage. */
export interface OpenCall {
  readonly host: Host;
  readonly what: string;
  readonly begin: number;
  /** Undefined where it waits as long as a call does that does not say it. */
  readonly timeoutInMs: number | undefined;
  /** When its signal is aborted. */
  readonly abortAt: number | undefined;
  /** Calls that it makes one after another. */
  readonly steps: number;
  readonly keys: readonly string[];
  /** One a key, of what changes them. */
  readonly changes: readonly Change[];
}

/** A statement about storages whose entries live on their members. Each call may throw a `Violation`. */
export interface StorageInvariant {
  readonly name: string;
  /** Who states it. */
  readonly source: string;
  /** A process did something, and nothing is left of it to be done. */
  onStep?(world: StoragesWorld): void;
  onCall?(call: OpenCall, world: StoragesWorld): void;
  /** A member begins to take part. @param check runs a check in a listener */
  onOpen?(storage: SharedStorage, check: (run: () => void) => void): void;
  /** What a call says that begins, and what it resolved with. */
  onAsked?(call: Pick<Call, 'kind' | 'keys' | 'entries'>): void;
  onAnswered?(call: Call, result: unknown): void;
  /** A frame of another member was taken in. */
  onFrame?(host: Host, from: MemberId, frame: Uint8Array, world: StoragesWorld): void;
  /** A member reports entries as lost. */
  onLost?(id: MemberId, keys: readonly string[], world: StoragesWorld): void;
  /** A member reports that entries may be lost with all who knew of them. */
  onLostUnnamed?(id: MemberId, gone: readonly string[], world: StoragesWorld): void;
}
