import type { HamokCodec } from '../codec.js';
import type { CollectionOptions } from '../collection.js';

/** The arguments of each event, by its name. */
export type EventArguments<T> = { [K in keyof T]: unknown[] };

export type EventListener<T extends EventArguments<T>, K extends keyof T> = (...args: T[K]) => void;

/** Turns an event's arguments into text and back. */
export interface PayloadCodec<A extends unknown[] = unknown[]> {
  encode(...args: A): string;
  /** Gives the arguments that were encoded. */
  decode(encoded: string): unknown[];
}

export interface HamokEmitterOptions<T extends EventArguments<T>> extends CollectionOptions {
  /** Names the emitter in the grid: every facade with this id is the same emitter. */
  readonly emitterId: string;
  /** For events that have a codec of their own. Must be the same on every member. */
  readonly payloadsCodec?: ReadonlyMap<keyof T, PayloadCodec<T[keyof T]>>;
  /** For the arguments of all other events, as an array, and for metadata. Default: JSON. Must be the same on every member. */
  readonly codec?: HamokCodec<unknown, Uint8Array>;
  /** Accepted for programs of 2.6: a member that leaves is always unsubscribed. */
  readonly autoClean?: boolean;
}

/** Who is subscribed to what. Members are named by their ids. */
export interface HamokEmitterSnapshot {
  readonly emitterId: string;
  readonly subscriptions: readonly {
    readonly event: string;
    readonly subscribers: readonly { readonly peerId: string; readonly metaData: unknown }[];
  }[];
}

export interface HamokEmitterStats {
  /** Listeners of this member. */
  readonly numberOfSubscriptions: number;
  /** Events that listeners of this member were called with. */
  readonly numberOfReceivedEventInvocations: number;
  /** Calls of `publish` and `notify`. */
  readonly numberOfSentEventInvocations: number;
}

/** What happens to the emitter itself. */
export type HamokEmitterEvents<T> = {
  /**
   * Events that this member was subscribed to were published, and were not delivered here: it caught up through a snapshot, or
   * was away. `count` is how many, where that is known.
   */
  missed: [event: keyof T & string, count: number | undefined];
  close: [];
};

export type SubscriptionEvents<T, M> = {
  added: [event: keyof T & string, peerId: string, metaData: M | null];
  updated: [event: keyof T & string, peerId: string, metaData: M | null, previous: M | null];
  removed: [event: keyof T & string, peerId: string, metaData: M | null];
  debug: [text: string];
};
