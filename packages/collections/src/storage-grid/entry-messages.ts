import { HamokMessage, MessageType } from '@hamok/messages';
import { bytesOf } from '../bytes/byte-string.js';
import type { Participant } from './view.js';

/*
 * What a participant tells another about entries. Those of its own: UPDATE_ENTRIES with values is to be kept as a backup,
 * INSERT_ENTRIES without values as a witness, DELETE_ENTRIES not any more. Those of participants that left (raftCandidateId, in the
 * epoch `revision`): REMOVE_ENTRIES, with values or without. ENTRIES_INSERTED: the sender has restored these; answered with `success`.
 * STORAGE_STATE: all that belongs before it was said in this epoch; with `lastMessage`, that all copies of its own are in their places,
 * and, with `success` too, also those of what it had to restore.
 * ENTRIES_REMOVED: the participant `raftCandidateId` holds these, and the receiver does not, or, with `success`, the sender does no more.
 */

/** What an entry takes of a message, near enough. */
const bytesAnItem = 8;

/** Entries for one receiver, up to a message's size. */
export class EntryBatch {
  #keys: Uint8Array[] = [];
  #values: Uint8Array[] = [];
  #bytes = 0;

  constructor(
    private readonly type: MessageType,
    private readonly limits: { readonly bytes: number; readonly items: number },
    private readonly send: (message: HamokMessage) => void,
    private readonly departed?: { readonly participant: Participant; readonly epoch: number },
  ) {}

  /** @param key the bytes of the slot, where the caller has them */
  add(slot: string, value?: string, key = bytesOf(slot)): void {
    const bytes = slot.length + (value?.length ?? 0) + 2 * bytesAnItem;
    const isFull = this.#bytes + bytes > this.limits.bytes || this.#keys.length >= this.limits.items;
    if (this.#keys.length > 0 && isFull) this.flush();
    this.#keys.push(key);
    if (value !== undefined) this.#values.push(bytesOf(value));
    this.#bytes += bytes;
  }

  flush(): void {
    if (this.#keys.length === 0) return;
    const message = new HamokMessage({ type: this.type, keys: this.#keys, values: this.#values });
    if (this.departed !== undefined) {
      message.raftCandidateId = this.departed.participant.id;
      message.revision = this.departed.epoch;
    }
    this.#keys = [];
    this.#values = [];
    this.#bytes = 0;
    this.send(message);
  }
}

export function announcement(epoch: number): HamokMessage {
  return new HamokMessage({ type: MessageType.STORAGE_STATE_NOTIFICATION, storageEpoch: epoch });
}

export function placed(epoch: number): HamokMessage {
  return new HamokMessage({ type: MessageType.STORAGE_STATE_NOTIFICATION, storageEpoch: epoch, lastMessage: true });
}

export function settled(epoch: number): HamokMessage {
  const message = placed(epoch);
  message.success = true;
  return message;
}
