import { MessageType } from '@hamok/messages';
import type { MapView } from '../map/map-view.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { GridStorageListeners } from '../storage-grid/storage-events.js';
import type { CopyChange, StorageCopy } from './storage-copy.js';

/** What a change of the entries, which are bytes, is to listeners and to the storage of the member's own. */
export class EntryChanges<K, V> {
  constructor(
    private readonly view: MapView<K, V>,
    private readonly listeners: GridStorageListeners<K, V>,
    private readonly copy: StorageCopy<K, V> | undefined,
  ) {}

  /** @param command the one that made the change */
  tell(change: MapChange, command: MessageType | undefined): void {
    if (change.type !== 'insert' && change.type !== 'update') this.view.sweep();
    if (this.copy !== undefined) this.#addTo(this.copy, change);
    if (change.type === 'clear') return this.listeners.cleared();
    const key = (): K => this.view.decodeKey(change.slot.key);
    const decoded = (encoded: Uint8Array) => (): V => this.view.decodeValue(encoded);
    if (change.type === 'insert') {
      const event = command === MessageType.RESTORE_ENTRIES_REQUEST ? 'restored' : 'created';
      this.listeners.tell(event, key, decoded(change.after.value));
    } else if (change.type === 'update') {
      this.listeners.updated(key, decoded(change.before.value), decoded(change.after.value));
    } else {
      const event = command === MessageType.REMOVE_ENTRIES_REQUEST ? 'evicted' : 'deleted';
      this.listeners.tell(event, key, decoded(change.before.value));
    }
  }

  /** What cannot be decoded must not stop this member: the copy finds it again as it compares everything, and reports it. */
  #addTo(copy: StorageCopy<K, V>, change: MapChange): void {
    let decoded: CopyChange<K, V>;
    try {
      decoded = this.#copyOf(change);
    } catch {
      return copy.compareAll();
    }
    copy.add(decoded);
  }

  #copyOf(change: MapChange): CopyChange<K, V> {
    if (change.type === 'clear') return { type: 'clear' };
    const key = this.view.decodeKey(change.slot.key);
    if (change.type !== 'insert' && change.type !== 'update') return { type: 'delete', key };
    return { type: 'set', key, value: this.view.decodeValue(change.after.value) };
  }
}
