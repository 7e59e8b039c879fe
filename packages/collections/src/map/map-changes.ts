import type { MapChange } from '../replicated/map-slot.js';
import type { HamokMapChange } from './map-options.js';
import type { MapView } from './map-view.js';

/** @throws CodecError for what cannot be decoded */
export function decodeChange<K, V>(change: MapChange, view: MapView<K, V>): HamokMapChange<K, V> {
  const { type, revision } = change;
  if (type === 'clear') return { type, revision };
  const key = view.decodeKey(change.slot.key);
  switch (type) {
    case 'insert':
      return { type, key, value: view.decodeValue(change.after.value), revision };
    case 'update': {
      const oldValue = view.decodeValue(change.before.value);
      return { type, key, value: view.decodeValue(change.after.value), oldValue, revision };
    }
    default:
      return { type, key, oldValue: view.decodeValue(change.before.value), revision };
  }
}
