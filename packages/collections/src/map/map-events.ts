import type { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { HamokMapEvents } from './map-options.js';
import type { MapView } from './map-view.js';

/** Tells listeners of a map what changed in it. Decodes only what someone listens to. */
export class MapEvents<K, V> {
  constructor(
    private readonly id: string,
    private readonly emitter: EventEmitter<HamokMapEvents<K, V>>,
    private readonly view: MapView<K, V>,
    private readonly onError: (error: HamokError) => void,
  ) {}

  tell(change: MapChange): void {
    if (this.emitter.listenerCount(change.type) === 0) return;
    callListeners(this.id, change.type, this.onError, () => this.#emit(change));
  }

  #emit(change: MapChange): void {
    const { emitter, view } = this;
    switch (change.type) {
      case 'insert':
        emitter.emit('insert', view.decodeKey(change.slot.key), view.decodeValue(change.after.value));
        return;
      case 'update': {
        const before = view.decodeValue(change.before.value);
        emitter.emit('update', view.decodeKey(change.slot.key), before, view.decodeValue(change.after.value));
        return;
      }
      case 'remove':
      case 'expire':
        emitter.emit(change.type, view.decodeKey(change.slot.key), view.decodeValue(change.before.value));
        return;
      case 'clear':
        emitter.emit('clear');
    }
  }
}
