import { EventEmitter } from 'eventemitter3';
import { callListeners } from '../call-listeners.js';
import type { HamokError } from '../errors.js';
import { idOf } from '../member-id.js';
import type { Participant } from './view.js';

/** What befell entries that live on the members of a grid, by no call of anybody. */
export interface StorageIncidents<K> {
  /**
   * Entries are gone with the member that held them, for nobody who kept a copy is left. Told on one member for each key: the first
   * of its ranking.
   */
  lost: (keys: readonly K[], memberId: string) => void;
  /**
   * So many members have gone, before all copies were in their places again, that entries may be gone of which nobody is left who knows
   * their keys, nor how many they were: `backups` + 2, or all that there were. Who takes part anew has gone as who it was, and may be
   * named though it is there. Told on each member that took part with them and goes on, and where none does on each of them that comes
   * back and remembers; again when more go before the copies are in their places.
   */
  'lost-unnamed': (memberIds: readonly string[]) => void;
  /** Two members held a key; `kept` goes on, and what `other` held is dropped. Told on the key's home, and on the other one. */
  conflict: (key: K, kept: string, other: string) => void;
}

/** Tells who listens to the incidents of a storage. What a listener throws goes to `onError`, and no further. */
export class IncidentListeners<K> {
  readonly incidents: EventEmitter<StorageIncidents<K>> = new EventEmitter<StorageIncidents<K>>();

  constructor(
    private readonly storageId: string,
    private readonly keyOf: (slot: string) => K,
    private readonly onError: (error: HamokError) => void,
  ) {}

  lost(slots: readonly string[], { member }: Participant): void {
    this.#call('lost', () => {
      const keys = slots.map((slot) => this.keyOf(slot));
      this.incidents.emit('lost', keys, idOf(member));
    });
  }

  lostUnnamed(gone: readonly Participant[]): void {
    this.#call('lost-unnamed', () => {
      this.incidents.emit('lost-unnamed', [...new Set(gone.map(({ member }) => idOf(member)))]);
    });
  }

  conflicted(slot: string, kept: Participant, other: Participant): void {
    this.#call('conflict', () => {
      this.incidents.emit('conflict', this.keyOf(slot), idOf(kept.member), idOf(other.member));
    });
  }

  close(): void {
    this.incidents.removeAllListeners();
  }

  #call(incident: keyof StorageIncidents<K>, emit: () => void): void {
    if (this.incidents.listenerCount(incident) > 0) callListeners(this.storageId, incident, this.onError, emit);
  }
}
