import { StorageKind } from '@hamok/messages';
import { codecOr, iterable, pairs } from '../arguments.js';
import type { BaseMap } from '../base-map/base-map.js';
import { BaseMapView } from '../base-map/base-map-view.js';
import { textsCodec } from '../bytes/texts.js';
import { callListeners } from '../call-listeners.js';
import { createJsonCodec, decodeWith, encodeWith, type HamokCodec } from '../codec.js';
import type { Collection, CollectionContext } from '../collection.js';
import { CollectionEmitter } from '../collection-emitter.js';
import { CodecError, OptionError } from '../errors.js';
import { batches, inParts } from '../map/batches.js';
import { Refusal, type Result } from '../replicated/result.js';
import type { CallOptions } from '../session/call.js';
import { bytesAListItem } from '../session/session.js';
import { StorageClient } from '../storage-client.js';
import { HeldItem, type HoldSubmit } from './held-item.js';
import {
  clearCommand,
  drainCommand,
  firstPushCommand,
  popCommand,
  pushCommand,
  replaceCommand,
  takeCommand,
  waitToPopCommand,
} from './queue-commands.js';
import { QueueEvents } from './queue-events.js';
import {
  defaultVisibilityTimeoutInMs,
  type HamokQueueEvents,
  type HamokQueueOptions,
  type HamokQueueSnapshot,
  type PopWaitOptions,
  type PushOptions,
  type TakeOptions,
  wholeMs,
} from './queue-options.js';
import { type Given, isGiven, readGiven, valuesIn, wasHeld } from './queue-results.js';
import { fromQueueSnapshot, toQueueSnapshot } from './queue-snapshot.js';
import { type QueueChange, QueueState } from './queue-state.js';
import { QueueWaits } from './queue-waits.js';

const endless = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };

/**
 * A queue that every member of the grid holds: first in, first out, for all members together.
 *
 * An item is popped by exactly one caller, or, for work that must not be lost with the one who does it, taken: held for a while, and
 * offered again unless it is acknowledged. What is held or delayed is not seen by `size`, `peek` and iteration, which are local.
 *
 * Calls reject as those of a `HamokMap` do. A `pop` that ends as `indeterminate` puts the item, if it came, back at the head.
 * Events fire on every member, in the order of the changes, after the state has changed. A member that catches up through a
 * snapshot gets none for what the snapshot holds.
 */
export class HamokQueue<T> extends CollectionEmitter<HamokQueueEvents<T>> implements Collection {
  /** Encoded items as the texts of a snapshot, and back. For programs of 2.6. */
  static readonly uint8ArrayToStringCodec: HamokCodec<Uint8Array[], string[]> = textsCodec;
  readonly id: string;
  readonly kind = StorageKind.QUEUE;
  /** Resolves when the grid knows this queue, its initial content included. Never rejects unhandled. */
  readonly ready: Promise<this>;
  /** The items by their places, from 0 for the next one, for programs of 2.6 that read them there. */
  readonly baseMap: BaseMap<number, T> = new BaseMapView<number, T>(() => new Map([...this].entries()));
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #codec: HamokCodec<T, Uint8Array>;
  readonly #maxDeliveries: number | undefined;
  readonly #maxValues: number | undefined;
  readonly #events: QueueEvents<T>;
  readonly #waits: QueueWaits;
  readonly #detach: () => void;
  #state: QueueState | undefined;

  /** For `Collections`, which makes the queues. */
  constructor(context: CollectionContext, options: HamokQueueOptions<T>) {
    super();
    const { queueId, maxDeliveries } = options;
    if (maxDeliveries !== undefined && !(Number.isInteger(maxDeliveries) && maxDeliveries > 0))
      throw new OptionError('maxDeliveries', 'must be a whole number from 1');
    this.id = queueId;
    this.#context = context;
    this.#client = new StorageClient(context, queueId, this.kind, options.requestTimeoutInMs);
    this.#codec = codecOr('codec', options.codec, createJsonCodec<T>);
    this.#maxDeliveries = maxDeliveries;
    this.#maxValues = options.maxOutboundMessageValues;
    const initial = pairs('baseMap', options.baseMap ?? [])
      .sort(([a], [b]) => a - b)
      .map(([, item]) => this.#encode(item));
    this.#events = new QueueEvents(queueId, this, this.#decode, context.onError);
    this.#waits = new QueueWaits(context, this.#client);
    this.#detach = context.state.observe(queueId, (state) =>
      this.#attach(state instanceof QueueState ? state : undefined),
    );
    this.ready = this.#open(initial);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  /** How many items can be taken now. */
  get size(): number {
    return this.#state?.ready.length ?? 0;
  }

  get empty(): boolean {
    return this.size === 0;
  }

  /**
   * The item that is next, which stays.
   *
   * @throws CodecError when it cannot be decoded
   */
  peek(): T | undefined {
    const item = this.#state?.ready.peek();
    return item && this.#decode(item.value);
  }

  /** The items that can be taken now, the next one first. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const { value } of this.#state?.ready.toArray() ?? []) yield this.#decode(value);
  }

  /** Adds items at the end: one change, however many they are. */
  async push(...items: T[]): Promise<void> {
    await this.pushAll(items);
  }

  /** Adds items at the end: one change, unless it need not be. Resolves with whether it was made, which `dedupId` may prevent. */
  async pushAll(items: Iterable<T>, options?: PushOptions): Promise<boolean> {
    const values = Array.from(iterable('items', items), this.#encode);
    const read = (result: Result) => this.#client.accept(result) === true;
    const push = (part: Uint8Array[]) => this.#client.submit(() => pushCommand(part, options), read, options);
    if (values.length === 0) return true;
    if (options?.atomic !== false) return push(values);
    if (options.dedupId !== undefined) throw new OptionError('atomic', 'must not be false where there is a dedupId');
    const parts = this.#batches(values, this.#maxValues);
    for (const part of parts) if (part.length === 1) this.#client.requireSize(pushCommand(part, options));
    await inParts(parts, push);
    return true;
  }

  /** Removes the first item and resolves with it; with undefined where there is none, unless it is to wait for one. */
  pop(options: PopWaitOptions): Promise<T>;
  pop(options?: CallOptions & { readonly wait?: false }): Promise<T | undefined>;
  pop(options?: PopWaitOptions | (CallOptions & { readonly wait?: boolean })): Promise<T | undefined> {
    if (options?.wait === true)
      return this.#waits.wait(waitToPopCommand, options).then(({ value }) => this.#decodeGiven(value));
    return this.#client.submit(toPopCommand, this.#readPopped, options, this.#late);
  }

  /** Another name of `pop`. */
  dequeue(options: PopWaitOptions): Promise<T>;
  dequeue(options?: CallOptions & { readonly wait?: false }): Promise<T | undefined>;
  dequeue(options?: PopWaitOptions | (CallOptions & { readonly wait?: false })): Promise<T | undefined> {
    return options?.wait === true ? this.pop(options) : this.pop(options);
  }

  /**
   * Takes the first item to work on it, and waits for one where there is none. It is offered to others again unless it is
   * acknowledged in time, and when this member leaves the grid: an item may be delivered more than once.
   */
  take(options: TakeOptions & { readonly wait: false }): Promise<HeldItem<T> | undefined>;
  take(options?: TakeOptions & { readonly wait?: true }): Promise<HeldItem<T>>;
  async take(given?: TakeOptions): Promise<HeldItem<T> | undefined> {
    const options = given ?? {};
    const { visibilityTimeoutInMs = defaultVisibilityTimeoutInMs, wait: waits = true } = options;
    const leaseInMs = wholeMs('visibilityTimeoutInMs', visibilityTimeoutInMs, 1);
    const command = takeCommand(waits, leaseInMs, this.#maxDeliveries);
    const answer = waits
      ? await this.#waits.wait(command, options)
      : await this.#client.submit(() => command, this.#readTaken, options, this.#late);
    if (answer?.ticket === undefined) return undefined;
    const item = this.#decodeGiven(answer.value);
    return new HeldItem(item, answer.deliveries, answer.ticket, leaseInMs, this.#submitHold);
  }

  /** Drops all items, held and delayed ones too. Dead letters stay. */
  clear(options?: CallOptions): Promise<void> {
    return this.#client.submit(() => clearCommand, this.#readNothing, options);
  }

  /** The items that were delivered as often as they may be, and not acknowledged: the oldest first. */
  *deadLetters(): IterableIterator<T> {
    for (const { value } of [...(this.#state?.deadLetters ?? [])]) yield this.#decode(value);
  }

  /** Removes the dead letters. Resolves with them. */
  drainDeadLetters(options?: CallOptions): Promise<T[]> {
    const read = (result: Result) => valuesIn(this.#client.accept(result)).map((value) => this.#decodeGiven(value));
    return this.#client.submit(() => drainCommand, read, options);
  }

  /** The items that this member knows of now, held and delayed ones too, in their order. Dead letters are not among them. */
  export(): HamokQueueSnapshot {
    return toQueueSnapshot(this.id, this.#state?.items().map(({ value }) => value) ?? []);
  }

  /**
   * Puts the items of a snapshot in the place of all that are there, on every member. A large snapshot takes several changes. The
   * id in it does not matter. A boolean in place of the options is accepted for programs of 2.6: events always fire.
   */
  async import(snapshot: HamokQueueSnapshot, options?: CallOptions | boolean): Promise<void> {
    const callOptions = typeof options === 'object' ? options : undefined;
    const [first = [], ...others] = this.#batches(fromQueueSnapshot(snapshot));
    const commands = [replaceCommand(first), ...others.map((values) => pushCommand(values))];
    await Promise.all(commands.map((each) => this.#client.submit(() => each, this.#readNothing, callOptions)));
  }

  close(): void {
    if (this.#client.closed) return;
    this.#client.closed = true;
    this.#detach();
    if (this.#state !== undefined) this.#state.observer = undefined;
    this.#waits.close();
    this.#context.onClose(this);
    callListeners(this.id, 'close', this.#context.onError, () => this.emit('close'));
    this.removeAllListeners();
  }

  async #open(initial: readonly Uint8Array[]): Promise<this> {
    const opened = this.#client.open();
    const [first, ...others] = this.#batches(initial);
    if (first !== undefined) {
      // Submitted before the caller's next call, so that it is applied before it.
      const isFirst = (result: Result) => this.#client.accept(result) === true;
      if (await this.#client.submit(() => firstPushCommand(first), isFirst, endless))
        for (const values of others) await this.#client.submit(() => pushCommand(values), this.#readNothing, endless);
    }
    await opened;
    return this;
  }

  #attach(state: QueueState | undefined): void {
    this.#state = state;
    if (state !== undefined) state.observer = this.#onChanges;
    this.#waits.resume(state);
  }

  readonly #onChanges = (changes: readonly QueueChange[]): void => {
    for (const change of changes) {
      if (change.type === 'serve') this.#waits.serve(change.holder, change.item);
      else this.#events.tell(change);
    }
    this.#waits.confirm();
  };

  #batches(values: readonly Uint8Array[], most = Number.POSITIVE_INFINITY): Uint8Array[][] {
    const limits = { bytes: this.#client.batchBytes, items: Math.max(1, most) };
    return batches(values, (value) => value.length + bytesAListItem, limits);
  }

  readonly #encode = (item: T): Uint8Array => encodeWith(this.#codec, item, 'item');

  readonly #decode = (value: Uint8Array): T => decodeWith(this.#codec, value, 'item');

  #decodeGiven(value: Uint8Array): T {
    try {
      return this.#decode(value);
    } catch (cause) {
      throw new CodecError('an item was taken that cannot be decoded', { mayHaveHappened: true, cause });
    }
  }

  readonly #readPopped = (result: Result): T | undefined => {
    const value = this.#client.accept(result);
    return value instanceof Uint8Array ? this.#decodeGiven(value) : undefined;
  };

  readonly #readTaken = (result: Result): Given | undefined => {
    const answer = readGiven(this.#client.accept(result));
    return answer !== undefined && isGiven(answer) ? answer : undefined;
  };

  readonly #readNothing = (result: Result): void => void this.#client.accept(result);

  readonly #late = (result: Result): void => {
    if (!(result instanceof Refusal)) this.#waits.cancelLate(result);
  };

  readonly #submitHold: HoldSubmit = (command, options) =>
    this.#client.submit(command, (result) => wasHeld(this.#client.accept(result)), options);
}

const toPopCommand = () => popCommand;
