import { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { StorageEvents } from './storage.js';

/** Tells who listens to a storage. What a listener throws goes to `onError`, and no further. */
export class StorageListeners<K, V> {
  readonly events: EventEmitter<StorageEvents<K, V>> = new EventEmitter<StorageEvents<K, V>>();

  constructor(
    private readonly id: string,
    private readonly onError: ((error: HamokError) => void) | undefined,
  ) {}

  /** An entry was written. `before` is undefined where the key was not taken. */
  written(key: K, before: V | undefined, value: V): void {
    if (before === undefined) this.#tell('created', () => this.events.emit('created', key, value));
    else this.#tell('updated', () => this.events.emit('updated', key, before, value));
  }

  restored(key: K, value: V): void {
    this.#tell('restored', () => this.events.emit('restored', key, value));
  }

  /** An entry is not here any more. */
  gone(why: 'deleted' | 'evicted', key: K, value: V): void {
    this.#tell(why, () => this.events.emit(why, key, value));
  }

  /** Its time ran out, and no call is there that what `value` throws could reject. */
  expired(key: K, value: () => V): void {
    this.#tell('expired', () => this.events.emit('expired', key, value()));
  }

  cleared(): void {
    this.#tell('cleared', () => this.events.emit('cleared'));
  }

  closed(): void {
    this.#tell('closed', () => this.events.emit('closed'));
    this.events.removeAllListeners();
  }

  #tell(event: keyof StorageEvents<K, V>, emit: () => void): void {
    if (this.events.listenerCount(event) > 0) callListeners(this.id, event, (error) => this.#report(error), emit);
  }

  #report(error: HamokError): void {
    try {
      this.onError?.(error);
    } catch {
      // There is nobody left to tell.
    }
  }
}
