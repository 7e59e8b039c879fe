import { MessageType, StorageKind } from '@hamok/messages';
import { callListeners } from '../call-listeners.js';
import type { Collection, CollectionContext } from '../collection.js';
import { CollectionEmitter } from '../collection-emitter.js';
import { decodeOutcome, isDone, outcomeAt, soleOutcome } from '../map/map-results.js';
import type { EncodedEntry } from '../map/map-snapshot.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { Result } from '../replicated/result.js';
import type { CallOptions } from '../session/call.js';
import { StorageClient } from '../storage-client.js';
import { openWith, submitEntries } from '../submit-entries.js';
import { RecordEvents } from './record-events.js';
import type {
  HamokRecordEvents,
  HamokRecordExport,
  HamokRecordOptions,
  HamokRecordSnapshot,
} from './record-options.js';
import { fromRecordSnapshot, toRecordSnapshot } from './record-snapshot.js';
import { RecordState } from './record-state.js';
import { RecordView } from './record-view.js';

/**
 * An object whose fields every member of the grid holds.
 *
 * Reads are local and synchronous, and give frozen values. Changes are ordered by the grid, and answered once they can be read
 * here; those of one member are made in the order of its calls. What is passed as one object is one atomic change; its fields
 * that are `undefined` count as not listed. Values are compared by their encoded bytes.
 *
 * Changes reject, and events fire, as those of `HamokMap`.
 */
export class HamokRecord<T extends object> extends CollectionEmitter<HamokRecordEvents<T>> implements Collection {
  readonly id: string;
  readonly kind = StorageKind.RECORD;
  /** Resolves when the grid knows this record, its initial fields included. Never rejects unhandled. */
  readonly ready: Promise<this>;
  /** For comparisons that the program makes; by default of the JSON forms. What the grid compares is encoded bytes. */
  equalValues: (a: T[keyof T], b: T[keyof T]) => boolean;
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #view: RecordView<T>;
  readonly #onChange: (change: MapChange) => void;
  readonly #detach: () => void;

  /** For `Collections`, which makes the records. */
  constructor(context: CollectionContext, options: HamokRecordOptions<T>) {
    super();
    this.id = options.recordId;
    this.equalValues = options.equalValues ?? ((a, b) => JSON.stringify(a) === JSON.stringify(b));
    this.#context = context;
    this.#client = new StorageClient(context, this.id, this.kind, options.requestTimeoutInMs);
    this.#view = new RecordView(options);
    const initial = this.#view.encodeAll(options.initialObject ?? {});
    const events = new RecordEvents(this.id, this, this.#view, context.onError);
    this.#onChange = (change) => {
      if (change.type === 'remove' || change.type === 'clear') this.#view.sweep();
      events.tell(change);
    };
    this.#detach = context.state.observe(this.id, (state) =>
      this.#attach(state instanceof RecordState ? state : undefined),
    );
    this.ready = openWith(this.#client, initial).then(() => this);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  /**
   * A shallow copy of all fields that are set.
   *
   * @throws CodecError when one of them cannot be decoded here
   */
  get instance(): T {
    return this.#view.instance() as T;
  }

  /** The frozen value of a field. @throws CodecError when it cannot be decoded here */
  get<K extends keyof T & string>(key: K): T[K] | undefined {
    return this.#view.get(key);
  }

  /** Resolves with the value that the field had before. */
  set<K extends keyof T & string>(key: K, value: T[K], options?: CallOptions): Promise<T[K] | undefined> {
    return this.#write(MessageType.UPDATE_ENTRIES_REQUEST, key, value, options);
  }

  /** Sets a field that is not set. Resolves with the value that is there already, or undefined when it was inserted. */
  insert<K extends keyof T & string>(key: K, value: T[K], options?: CallOptions): Promise<T[K] | undefined> {
    return this.#write(MessageType.INSERT_ENTRIES_REQUEST, key, value, options);
  }

  /** Sets those fields that are not set. Resolves with the values of those that were, or undefined when none was. */
  async insertInstance(instance: Partial<T>, options?: CallOptions): Promise<Partial<T> | undefined> {
    const fields = this.#view.fieldsOf(instance);
    if (fields.length === 0) return undefined;
    const command = () => ({ type: MessageType.INSERT_ENTRIES_REQUEST, ...lists(this.#view.encodeAll(instance)) });
    const read = (result: Result): Partial<T> | undefined => {
      const outcomes = this.#client.accept(result);
      const existing: Partial<T> = {};
      fields.forEach(([key], position) => {
        const value = decodeOutcome(outcomeAt(outcomes, position), (bytes) => this.#view.decodeValue(key, bytes));
        if (value !== undefined) existing[key] = value;
      });
      return Object.keys(existing).length === 0 ? undefined : existing;
    };
    return this.#client.submit(command, read, options);
  }

  /** Resolves with whether the field was set. */
  delete(key: keyof T & string, options?: CallOptions): Promise<boolean> {
    const command = () => ({ type: MessageType.DELETE_ENTRIES_REQUEST, keys: [this.#view.encodeField(key)] });
    return this.#client.submit(command, this.#readDone, options);
  }

  /** Sets a field if it holds `oldValue`. Resolves with whether it did. */
  updateIf<K extends keyof T & string>(key: K, value: T[K], oldValue: T[K], options?: CallOptions): Promise<boolean> {
    const command = () => ({
      type: MessageType.UPDATE_ENTRIES_REQUEST,
      keys: [this.#view.encodeField(key)],
      values: [this.#view.encodeValue(key, value)],
      prevValue: this.#view.encodeValue(key, oldValue),
    });
    return this.#client.submit(command, this.#readDone, options);
  }

  /** Sets the fields of `newValue` if every field of `oldValue` is held, else none. Resolves with whether it did. */
  async updateInstanceIf(newValue: Partial<T>, oldValue: Partial<T>, options?: CallOptions): Promise<boolean> {
    const command = () => {
      const expected = this.#view.encodeAll(oldValue);
      const entries = [...expected, ...this.#view.encodeAll(newValue)];
      const type = MessageType.UPDATE_ENTRIES_IF_REQUEST;
      return { type, ...lists(entries), expectedEntries: expected.length };
    };
    if ([newValue, oldValue].every((fields) => this.#view.fieldsOf(fields).length === 0)) return true;
    return this.#client.submit(command, this.#readDone, options);
  }

  clear(options?: CallOptions): Promise<void> {
    const command = { type: MessageType.CLEAR_ENTRIES_REQUEST };
    return this.#client.submit(
      () => command,
      (result) => void this.#client.accept(result),
      options,
    );
  }

  /** Everything that this member holds of the record now. */
  export(): HamokRecordExport {
    const entries: EncodedEntry[] = [];
    for (const { key, current } of this.#view.state?.slots() ?? [])
      if (current !== undefined) entries.push([key, current.value]);
    return toRecordSnapshot(this.id, entries);
  }

  /**
   * Sets what a snapshot holds, on every member; other fields stay. The id in the snapshot does not matter. A boolean in place of
   * the options is accepted for programs of 2.6: events always fire. Rejects with a `BadSnapshotError` for what is not a snapshot.
   */
  async import(snapshot: HamokRecordSnapshot, options?: CallOptions | boolean): Promise<void> {
    const callOptions = typeof options === 'object' ? options : undefined;
    const entries = fromRecordSnapshot(snapshot);
    await submitEntries(this.#client, MessageType.UPDATE_ENTRIES_REQUEST, entries, callOptions);
  }

  close(): void {
    if (this.#client.closed) return;
    this.#client.closed = true;
    this.#detach();
    const { state } = this.#view;
    if (state !== undefined) state.observer = undefined;
    this.#context.onClose(this);
    callListeners(this.id, 'close', this.#context.onError, () => this.emit('close'));
    this.removeAllListeners();
  }

  #attach(state: RecordState | undefined): void {
    this.#view.attach(state);
    if (state !== undefined) state.observer = this.#onChange;
  }

  #write<K extends keyof T & string>(
    type: MessageType,
    key: K,
    value: T[K],
    options: CallOptions | undefined,
  ): Promise<T[K] | undefined> {
    const command = () => ({
      type,
      keys: [this.#view.encodeField(key)],
      values: [this.#view.encodeValue(key, value)],
    });
    const read = (result: Result) =>
      decodeOutcome(soleOutcome(this.#client.accept(result)), (bytes) => this.#view.decodeValue(key, bytes));
    return this.#client.submit(command, read, options);
  }

  readonly #readDone = (result: Result): boolean => isDone(this.#client.accept(result));
}

function lists(entries: readonly EncodedEntry[]): { keys: Uint8Array[]; values: Uint8Array[] } {
  return { keys: entries.map(([key]) => key), values: entries.map(([, value]) => value) };
}
