import { MessageType } from '@hamok/messages';
import type { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { Outcome } from '../replicated/result.js';
import type { PendingChange } from './pending-change.js';
import type { RemoteMapCodecs } from './remote-map-codecs.js';
import type { HamokRemoteMapEvents } from './remote-map-options.js';

type EntryEvent = 'insert' | 'update' | 'remove';

/** Tells listeners of a remote map what was changed in the database. Decodes only what someone listens to. */
export class RemoteMapEvents<K, V> {
  constructor(
    private readonly id: string,
    private readonly emitter: EventEmitter<HamokRemoteMapEvents<K, V>>,
    private readonly codecs: RemoteMapCodecs<K, V>,
    private readonly onError: (error: HamokError) => void,
  ) {}

  tell(change: PendingChange, outcomes: readonly Outcome[]): void {
    if (change.type === MessageType.CLEAR_ENTRIES_REQUEST) return this.#call('clear', () => this.emitter.emit('clear'));
    change.keys.forEach((key, at) => {
      const before = outcomes[at];
      const event = eventOf(change, before);
      if (event !== undefined) this.#call(event, () => this.#emit(event, key, before, change.values[at]));
    });
  }

  #emit(event: EntryEvent, encodedKey: Uint8Array, before: Outcome, after: Uint8Array | undefined): void {
    const { codecs, emitter } = this;
    const key = codecs.decodeKey(encodedKey);
    const oldValue = before instanceof Uint8Array ? codecs.decodeValue(before) : undefined;
    const value = after && codecs.decodeValue(after);
    if (event === 'insert') emitter.emit('insert', key, value as V);
    else if (event === 'update') emitter.emit('update', key, oldValue as V, value as V);
    else emitter.emit('remove', key, oldValue as V);
  }

  #call(event: EntryEvent | 'clear', emit: () => void): void {
    if (this.emitter.listenerCount(event) > 0) callListeners(this.id, event, this.onError, emit);
  }
}

/** What was removed without anybody having seen it cannot be told. */
function eventOf({ type }: PendingChange, before: Outcome): EntryEvent | undefined {
  if (before === false || before === true) return undefined;
  if (type === MessageType.INSERT_ENTRIES_REQUEST) return before === undefined ? 'insert' : undefined;
  if (type === MessageType.UPDATE_ENTRIES_REQUEST) return before === undefined ? 'insert' : 'update';
  return before === undefined ? undefined : 'remove';
}
