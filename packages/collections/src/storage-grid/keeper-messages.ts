import { type HamokMessage, MessageType } from '@hamok/messages';
import { bytesOf } from '../bytes/byte-string.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import { type Participant, Role } from './view.js';

/** Whom a change concerns, of those who keep copies. */
export type Audience = (role: Role) => boolean;

/** A change of entries that not everybody has acknowledged whom it concerns. */
export interface Write {
  readonly slots: readonly string[];
  readonly audience: Audience;
  /** Whether it is a part of a deletion, of which homes learn last. */
  readonly isOfDeletion: boolean;
  /**
   * Messages that carry it and are not acknowledged, one while some are still to be sent, one while the grid is asked, and one for each home
   * that hears of it with a deletion.
   */
  unacknowledged: number;
  /** Whether the grid has to confirm it, and was not asked yet. */
  isUnconfirmed: boolean;
  /** With why it cannot be acknowledged any more, where it cannot. */
  readonly settled: (error?: Error) => void;
}

type Send = (to: Participant, message: HamokMessage, writes: readonly Write[]) => void;

/** Messages of one type for one participant, and the writes that each of them carries. */
class WriteBatch {
  readonly #entries: EntryBatch;
  #writes: Write[] = [];

  constructor(type: MessageType, limits: MessageLimits, send: (message: HamokMessage, writes: Write[]) => void) {
    this.#entries = new EntryBatch(type, limits, (message) => {
      const writes = this.#writes;
      this.#writes = [];
      send(message, writes);
    });
  }

  add(write: Write, slot: string, key: Uint8Array, value?: string): void {
    // What was there before may be sent now.
    this.#entries.add(slot, value, key);
    if (this.#writes.at(-1) === write) return;
    this.#writes.push(write);
    write.unacknowledged++;
  }

  flush(): void {
    this.#entries.flush();
  }
}

/** What those who keep copies are told of several writes, put together. */
export class KeeperMessages {
  readonly #backups = new Map<Participant, WriteBatch>();
  readonly #witnesses = new Map<Participant, WriteBatch>();
  readonly #deletions = new Map<Participant, WriteBatch>();
  /** The last one: several keepers are told of it in a row. */
  #slot: string | undefined;
  #key: Uint8Array = new Uint8Array();

  constructor(
    private readonly limits: MessageLimits,
    private readonly send: Send,
  ) {}

  /** @param value undefined where the entry is deleted */
  add(write: Write, keeper: Participant, role: Role, slot: string, value: string | undefined): void {
    const key = this.#keyOf(slot);
    if (value === undefined || role === Role.None)
      this.#to(keeper, this.#deletions, MessageType.DELETE_ENTRIES_NOTIFICATION).add(write, slot, key);
    else if (role === Role.Witness)
      this.#to(keeper, this.#witnesses, MessageType.INSERT_ENTRIES_NOTIFICATION).add(write, slot, key);
    else this.#to(keeper, this.#backups, MessageType.UPDATE_ENTRIES_NOTIFICATION).add(write, slot, key, value);
  }

  flush(): void {
    for (const batches of [this.#backups, this.#witnesses, this.#deletions])
      for (const batch of batches.values()) batch.flush();
  }

  #keyOf(slot: string): Uint8Array {
    if (slot !== this.#slot) this.#key = bytesOf(slot);
    this.#slot = slot;
    return this.#key;
  }

  #to(keeper: Participant, batches: Map<Participant, WriteBatch>, type: MessageType): WriteBatch {
    let batch = batches.get(keeper);
    if (batch === undefined) {
      batch = new WriteBatch(type, this.limits, (message, writes) => this.send(keeper, message, writes));
      batches.set(keeper, batch);
    }
    return batch;
  }
}
