import { MessageType, type StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { MemberId } from '../consensus.js';
import type { StorageCommand } from '../replicated/command.js';
import { Refusal, type Result } from '../replicated/result.js';
import type { LogPosition, StateCut, StorageModel, StorageState } from '../replicated/storage-state.js';

/**
 * Which members take part in a storage whose entries live on its members, decided by the log. The entries themselves are not in
 * there. The epoch is the index at which this changed last: members that know the same epoch know the same participants. How many
 * backups an entry has is for the first of them to say, and the same for all until the last of them has left.
 */
export class ParticipantsState implements StorageState {
  readonly nextDeadline = Number.POSITIVE_INFINITY;
  observer: (() => void) | undefined;
  readonly #participants = new Map<MemberId, number>();
  #epoch = -1;
  /** 0 while nobody takes part. */
  #backups = 0;
  #changed = false;

  constructor(readonly kind: StorageKind) {}

  /** Each since which index. A member that takes part anew, with nothing of what it had before, does so since another one. */
  get participants(): ReadonlyMap<MemberId, number> {
    return this.#participants;
  }

  get size(): number {
    return this.#participants.size;
  }

  /** -1 before anybody took part. */
  get epoch(): number {
    return this.#epoch;
  }

  apply({ type, member, backups = 0 }: StorageCommand, { index }: LogPosition): Result {
    return type === MessageType.STORAGE_JOIN_REQUEST ? this.#join(member, backups, index) : this.#leave(member, index);
  }

  expireNext(): void {}

  membersChanged(members: ReadonlySet<MemberId>, index: number): void {
    let left = false;
    for (const member of this.#participants.keys())
      if (!members.has(member)) left = this.#participants.delete(member) || left;
    if (left) this.#change(index);
  }

  publish(): void {
    if (!this.#changed) return;
    this.#changed = false;
    this.observer?.();
  }

  cut(): StateCut {
    const epoch = this.#epoch;
    const backups = this.#backups;
    const participants = [...this.#participants];
    return {
      count: 1,
      write(_position, writer) {
        writer.varint(epoch + 1);
        writer.varint(backups);
        writer.varint(participants.length);
        for (const [member, since] of participants) {
          writer.text(member);
          writer.varint(since);
        }
      },
    };
  }

  restore(record: ByteReader): void {
    this.#epoch = record.varint() - 1;
    this.#backups = record.varint();
    for (let count = record.varint(); count > 0; count--) this.#participants.set(record.text(), record.varint());
  }

  /** Anew where it takes part already: it begins with nothing. */
  #join(member: MemberId, backups: number, index: number): Result {
    const isAlone = this.#participants.size === (this.#participants.has(member) ? 1 : 0);
    if (isAlone) this.#backups = backups;
    if (this.#backups !== backups) return new Refusal('backups', this.#backups);
    this.#participants.delete(member);
    this.#participants.set(member, index);
    this.#change(index);
    return true;
  }

  #leave(member: MemberId, index: number): boolean {
    const left = this.#participants.delete(member);
    if (left) this.#change(index);
    return left;
  }

  #change(index: number): void {
    this.#epoch = index;
    this.#changed = true;
    if (this.#participants.size === 0) this.#backups = 0;
  }
}

/** The sender begins to take part, or ends it. */
export const participantsModel: StorageModel = {
  accepts: ({ type, keys, backups = -1 }) =>
    keys.length === 0 &&
    (type === MessageType.STORAGE_LEAVE_REQUEST || (type === MessageType.STORAGE_JOIN_REQUEST && backups >= 0)),
  create: (kind) => new ParticipantsState(kind),
};
