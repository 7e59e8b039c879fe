import { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { StorageEvents } from '../storage/storage.js';

/** Tells who listens to a storage of a grid, and decodes only for those. What a listener throws goes to `onError`, and no further. */
export class GridStorageListeners<K, V> {
  readonly events: EventEmitter<StorageEvents<K, V>> = new EventEmitter<StorageEvents<K, V>>();

  constructor(
    private readonly storageId: string,
    private readonly onError: (error: HamokError) => void,
  ) {}

  tell(event: 'created' | 'restored' | 'deleted' | 'evicted', key: () => K, value: () => V): void {
    this.#call(event, () => this.events.emit(event, key(), value()));
  }

  updated(key: () => K, before: () => V, value: () => V): void {
    this.#call('updated', () => this.events.emit('updated', key(), before(), value()));
  }

  cleared(): void {
    this.#call('cleared', () => this.events.emit('cleared'));
  }

  close(): void {
    this.#call('closed', () => this.events.emit('closed'));
    this.events.removeAllListeners();
  }

  #call(event: keyof StorageEvents<K, V>, emit: () => void): void {
    if (this.events.listenerCount(event) > 0) callListeners(this.storageId, event, this.onError, emit);
  }
}
