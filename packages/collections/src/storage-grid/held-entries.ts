import { MessageType } from '@hamok/messages';
import { EntryBatch } from './entry-messages.js';
import type { Placement } from './placement.js';
import type { Streams } from './streams.js';
import { type Participant, Role, type View } from './view.js';

export interface MessageLimits {
  /** Bytes of keys and values in one message, where it has more than one entry. */
  readonly bytes: number;
  readonly items: number;
}

/** Whom a change concerns, of those who keep copies. */
type Audience = (role: Role, keeper: Participant, slot: string, view: View) => boolean;

const everybody: Audience = () => true;
const allButTheHome: Audience = (_role, keeper, slot, view) => keeper !== view.homeOf(slot);
const backups: Audience = (role) => role === Role.Backup;
const allButBackups: Audience = (role) => role !== Role.Backup;

/** A change of entries that not everybody has acknowledged whom it concerns. */
interface Write {
  readonly slots: readonly string[];
  readonly audience: Audience;
  unacknowledged: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The entries that this participant holds, and the copies of them that others keep. */
export class HeldEntries {
  readonly #entries = new Map<string, string>();
  readonly #open = new Set<Write>();
  /** Deleted here, and not yet acknowledged by all who keep copies. */
  readonly #leaving = new Set<string>();
  readonly #deletions = new Set<Promise<void>>();

  #closed: Error | undefined;

  constructor(
    private readonly placement: Placement,
    private readonly streams: Streams,
    private readonly limits: MessageLimits,
    /** Deletions are acknowledged. */
    private readonly left: () => void,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  /** How many changes wait to be acknowledged. */
  get unacknowledged(): number {
    return this.#open.size;
  }

  has(slot: string): boolean {
    return this.#entries.has(slot);
  }

  get(slot: string): string | undefined {
    return this.#entries.get(slot);
  }

  /** Whether copies of what was deleted here may still be on their way. Nobody may hold the key before they are gone. */
  isLeaving(slot: string): boolean {
    return this.#leaving.has(slot);
  }

  slots(): IterableIterator<string> {
    return this.#entries.keys();
  }

  entries(): IterableIterator<[string, string]> {
    return this.#entries.entries();
  }

  /** Changes it here; `spread` tells the others. */
  set(slot: string, value: string): void {
    this.#entries.set(slot, value);
  }

  /** Changes it here; `spread` tells the others. */
  delete(slot: string): void {
    this.#entries.delete(slot);
  }

  /** Resolves when all who keep copies of these, in one view, have acknowledged them as they are here. Rejects on `close`. */
  spread(slots: readonly string[]): Promise<void> {
    return this.#write(slots, everybody);
  }

  /**
   * The same for entries that were restored: a witness replaces a copy from before by one without the value, and so learns of them when
   * there are backups.
   */
  async spreadRestored(slots: readonly string[]): Promise<void> {
    await this.#write(slots, backups);
    await this.#write(slots, allButBackups);
  }

  /**
   * The same for entries that were deleted. Their homes learn of it last: a home that knew would let others hold the key, whose copies
   * could meet those of this one.
   */
  spreadDeletion(slots: readonly string[]): Promise<void> {
    const deletion = this.#spreadDeletion(slots).finally(() => this.#deletions.delete(deletion));
    this.#deletions.add(deletion);
    return deletion;
  }

  /** Resolves when the deletions that are under way have ended. */
  async deletionsEnded(): Promise<void> {
    await Promise.allSettled(this.#deletions);
  }

  /** What is not acknowledged must be acknowledged by those who keep copies now. Called before streams to those who left end. */
  viewChanged(): void {
    for (const write of [...this.#open]) this.#send(write);
  }

  /** Entries and copies go on elsewhere, or not at all. */
  close(error: Error): void {
    this.#closed = error;
    this.#entries.clear();
    const open = [...this.#open];
    this.#open.clear();
    for (const { reject } of open) reject(error);
  }

  async #spreadDeletion(slots: readonly string[]): Promise<void> {
    for (const slot of slots) this.#leaving.add(slot);
    await this.#write(slots, allButTheHome);
    await this.#write(slots, everybody);
    for (const slot of slots) this.#leaving.delete(slot);
    this.left();
  }

  #write(slots: readonly string[], audience: Audience): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      const write = { slots, audience, unacknowledged: 0, resolve, reject };
      this.#open.add(write);
      this.#send(write);
    });
  }

  #send(write: Write): void {
    write.unacknowledged++;
    const acknowledged = (): void => this.#acknowledged(write);
    const batches = new Map<string, EntryBatch>();
    const batch = (to: Participant, type: MessageType): EntryBatch => {
      const id = `${type} ${to.id}`;
      let found = batches.get(id);
      if (found === undefined) {
        found = new EntryBatch(type, this.limits, (message) => {
          write.unacknowledged++;
          this.streams.send(to, message, acknowledged);
        });
        batches.set(id, found);
      }
      return found;
    };
    for (const slot of write.slots) {
      const value = this.#entries.get(slot);
      this.placement.forKeepers(slot, (keeper, role) => {
        if (!write.audience(role, keeper, slot, this.placement.view)) return;
        if (value === undefined || role === Role.None) batch(keeper, MessageType.DELETE_ENTRIES_NOTIFICATION).add(slot);
        else if (role === Role.Witness) batch(keeper, MessageType.INSERT_ENTRIES_NOTIFICATION).add(slot);
        else batch(keeper, MessageType.UPDATE_ENTRIES_NOTIFICATION).add(slot, value);
      });
    }
    for (const each of batches.values()) each.flush();
    acknowledged();
  }

  #acknowledged(write: Write): void {
    if (--write.unacknowledged > 0 || !this.#open.delete(write)) return;
    write.resolve();
  }
}
