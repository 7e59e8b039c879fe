import type { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { HamokRecordEvents, RecordInsert, RecordUpdate } from './record-options.js';
import type { RecordView } from './record-view.js';

/** Tells listeners of a record what changed in it. Decodes only what someone listens to. */
export class RecordEvents<T extends object> {
  constructor(
    private readonly id: string,
    private readonly emitter: EventEmitter<HamokRecordEvents<T>>,
    private readonly view: RecordView<T>,
    private readonly onError: (error: HamokError) => void,
  ) {}

  tell(change: MapChange): void {
    const { type } = change;
    // Nothing in a record becomes due.
    if (type === 'expire' || this.emitter.listenerCount(type) === 0) return;
    callListeners(this.id, type, this.onError, () => this.#emit(change));
  }

  #emit(change: MapChange): void {
    const { emitter, view } = this;
    if (change.type === 'clear') {
      emitter.emit('clear');
      return;
    }
    const key = view.decodeField(change.slot.key);
    switch (change.type) {
      case 'insert':
        emitter.emit('insert', { key, value: view.decodeValue(key, change.after.value) } as RecordInsert<T>);
        return;
      case 'update': {
        const oldValue = view.decodeValue(key, change.before.value);
        const newValue = view.decodeValue(key, change.after.value);
        emitter.emit('update', { key, oldValue, newValue } as RecordUpdate<T>);
        return;
      }
      case 'remove':
        emitter.emit('remove', { key, value: view.decodeValue(key, change.before.value) } as RecordInsert<T>);
    }
  }
}
