import { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import type { StorageEvents } from '../storage/storage.js';

/** What befell entries that live on the members of a grid, by no call of anybody. */
export interface StorageIncidents<K> {
  /**
   * Entries are gone with the member that held them, for nobody who kept a copy is left. Told on one member for each key: the first
   * of its ranking.
   */
  lost: (keys: readonly K[], memberId: string) => void;
  /** Two members held a key; `kept` goes on, and what `other` held is dropped. Told on the key's home, and on the other one. */
  conflict: (key: K, kept: string, other: string) => void;
}

/** Tells the listeners of a storage. What they throw goes to `onError`, and no further. */
export class GridStorageListeners<K, V> {
  readonly events: EventEmitter<StorageEvents<K, V>> = new EventEmitter<StorageEvents<K, V>>();
  readonly incidents: EventEmitter<StorageIncidents<K>> = new EventEmitter<StorageIncidents<K>>();

  constructor(
    private readonly storageId: string,
    private readonly onError: (error: HamokError) => void,
  ) {}

  /** @param emit decodes what it tells only where somebody listens */
  tell(event: keyof StorageEvents<K, V>, emit: (events: EventEmitter<StorageEvents<K, V>>) => void): void {
    if (this.events.listenerCount(event) === 0) return;
    callListeners(this.storageId, event, this.onError, () => emit(this.events));
  }

  report(incident: keyof StorageIncidents<K>, emit: (incidents: EventEmitter<StorageIncidents<K>>) => void): void {
    if (this.incidents.listenerCount(incident) === 0) return;
    callListeners(this.storageId, incident, this.onError, () => emit(this.incidents));
  }

  close(): void {
    this.tell('closed', (events) => events.emit('closed'));
    this.events.removeAllListeners();
    this.incidents.removeAllListeners();
  }
}
