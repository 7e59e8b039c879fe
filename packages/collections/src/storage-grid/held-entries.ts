import type { Clock } from '../clock.js';
import type { Confirmation } from './confirmation.js';
import { type Audience, KeeperMessages, type Write } from './keeper-messages.js';
import type { Placement } from './placement.js';
import type { Streams } from './streams.js';
import { Role } from './view.js';

export interface MessageLimits {
  /** Bytes of keys and values in one message, where it has more than one entry. */
  readonly bytes: number;
  readonly items: number;
}

/** Entries that are deleted together. */
interface Deletion {
  areHomesTold: boolean;
}

type Settled = Write['settled'];

const everybody: Audience = () => true;
const backups: Audience = (role) => role === Role.Backup;
const allButBackups: Audience = (role) => role !== Role.Backup;

/** The entries that this participant holds, and the copies of them that others keep. */
export class HeldEntries {
  readonly #entries = new Map<string, string>();
  readonly #open = new Set<Write>();
  /** Those that are to be sent at the end of this turn: what changes within one goes together. */
  #due: Write[] = [];
  /** Deleted here, and not yet acknowledged by all who keep copies: with the latest deletion of each. */
  readonly #leaving = new Map<string, Deletion>();
  readonly #deletions = new Map<Deletion, Promise<void>>();
  #closed: Error | undefined;

  constructor(
    private readonly placement: Placement,
    private readonly streams: Pick<Streams, 'send'>,
    private readonly limits: MessageLimits,
    private readonly clock: Clock,
    private readonly confirmation: Pick<Confirmation, 'isNeeded' | 'ask'>,
    /** Deletions are acknowledged. */
    private readonly left: () => void,
  ) {}

  get size(): number {
    return this.#entries.size;
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

  /** Those of which `isLeaving` is true. */
  leaving(): IterableIterator<string> {
    return this.#leaving.keys();
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
  spread(slots: readonly string[], audience = everybody, isOfDeletion = false): Promise<void> {
    return settlement((settled) =>
      this.#begin({ slots, audience, isOfDeletion, unacknowledged: 0, isUnconfirmed: false, settled }),
    );
  }

  /** The same for what a call changed, which may be acknowledged then: this participant was none that had left when it was changed. */
  change(slots: readonly string[]): Promise<void> {
    return settlement((settled) => this.write(slots, settled));
  }

  /**
   * The same for entries that were restored: a witness replaces a copy from before by one without the value, and so learns of them when
   * there are backups.
   */
  async spreadRestored(slots: readonly string[]): Promise<void> {
    await this.spread(slots, backups);
    await this.spread(slots, allButBackups);
  }

  /**
   * The same for entries that were deleted. Their homes learn of it last: a home that knew would let others hold the key, whose copies
   * could meet those of this one.
   */
  async spreadDeletion(slots: readonly string[]): Promise<void> {
    const confirmed = this.#confirmed();
    const deletion = { areHomesTold: false };
    for (const slot of slots) this.#leaving.set(slot, deletion);
    const ended = this.#spreadDeletion(slots, deletion).finally(() => this.#deletions.delete(deletion));
    this.#deletions.set(deletion, ended);
    await ended;
    // Others wait for the deletion, and not for that. It may be needed only now: the grid may have grown, or not be heard any more.
    await (confirmed ?? this.#confirmed());
    if (this.#closed !== undefined) throw this.#closed;
  }

  /** Resolves when the deletions that are under way, of these or of any, have ended, or this participation has. */
  async deletionsEnded(slots?: readonly string[]): Promise<void> {
    const deletions = new Set(slots?.map((slot) => this.#leaving.get(slot)) ?? this.#deletions.keys());
    await Promise.allSettled(Array.from(deletions, (deletion) => deletion && this.#deletions.get(deletion)));
  }

  /** As `change`, with a callback: for one key among many that go together and are acknowledged apart. */
  write(slots: readonly string[], settled: Settled): void {
    this.#begin({ slots, audience: everybody, isOfDeletion: false, unacknowledged: 0, isUnconfirmed: true, settled });
  }

  /** Sends what was changed in this turn, as it is now. */
  flush(): void {
    const due = this.#due;
    if (due.length === 0) return;
    this.#due = [];
    const messages = new KeeperMessages(this.limits, (to, message, writes) => {
      this.streams.send(to, message, () => {
        for (const write of writes) this.#acknowledged(write);
      });
    });
    for (const write of due) for (const slot of write.slots) this.#tellKeepers(write, slot, messages);
    messages.flush();
    this.#confirm(due);
    for (const write of due) this.#acknowledged(write);
  }

  /** What is not acknowledged must be acknowledged by those who keep copies now. Called before streams to those who left end. */
  viewChanged(): void {
    const due = new Set(this.#due);
    for (const write of this.#open) if (!due.has(write)) this.#send(write);
    this.flush();
  }

  /** Entries and copies go on elsewhere, or not at all. */
  close(error: Error): void {
    this.#closed = error;
    this.#entries.clear();
    this.#due = [];
    const open = [...this.#open];
    this.#open.clear();
    for (const { settled } of open) settled(error);
  }

  async #spreadDeletion(slots: readonly string[], deletion: Deletion): Promise<void> {
    await this.spread(slots, everybody, true);
    deletion.areHomesTold = true;
    await this.spread(slots, everybody, true);
    for (const slot of slots) if (this.#leaving.get(slot) === deletion) this.#leaving.delete(slot);
    this.left();
    // The homes of what was written and deleted again meanwhile may learn of it with the later deletion only.
    await this.deletionsEnded(slots);
    if (this.#closed !== undefined) throw this.#closed;
  }

  #begin(write: Write): void {
    if (this.#closed !== undefined) return write.settled(this.#closed);
    this.#open.add(write);
    this.#send(write);
    if (this.#due.length === 1) this.clock.defer(() => this.flush());
  }

  #send(write: Write): void {
    write.unacknowledged++;
    this.#due.push(write);
  }

  #tellKeepers(write: Write, slot: string, messages: KeeperMessages): void {
    const value = this.#entries.get(slot);
    const isHomeTold = value !== undefined || this.#leaving.get(slot)?.areHomesTold !== false;
    const home = isHomeTold ? undefined : this.placement.view.homeOf(slot);
    this.placement.forKeepers(slot, (keeper, role) => {
      if (!write.audience(role)) return;
      if (keeper !== home) messages.add(write, keeper, role, slot, value);
      else if (!write.isOfDeletion) this.#awaitDeletion(write, slot);
    });
  }

  /** What was written, and is being deleted, the home has not heard of: it would bring back what was there before. */
  #awaitDeletion(write: Write, slot: string): void {
    write.unacknowledged++;
    void this.deletionsEnded([slot]).then(() => this.#acknowledged(write));
  }

  /** Asks for all at once, while they are on their way: any time after the change will do. */
  #confirm(writes: readonly Write[]): void {
    if (!this.confirmation.isNeeded(this.placement.copies)) return;
    const unconfirmed = writes.filter(({ isUnconfirmed }) => isUnconfirmed);
    if (unconfirmed.length === 0) return;
    for (const write of unconfirmed) {
      write.isUnconfirmed = false;
      write.unacknowledged++;
    }
    this.confirmation.ask(() => {
      for (const write of unconfirmed) this.#acknowledged(write);
    });
  }

  /** Undefined where that is not needed. */
  #confirmed(): Promise<void> | undefined {
    if (!this.confirmation.isNeeded(this.placement.copies)) return undefined;
    return new Promise((resolve) => {
      this.confirmation.ask(resolve);
    });
  }

  #acknowledged(write: Write): void {
    if (--write.unacknowledged > 0 || !this.#open.has(write)) return;
    // The grid may have grown since it was sent.
    if (write.isUnconfirmed) this.#confirm([write]);
    if (write.unacknowledged > 0) return;
    this.#open.delete(write);
    write.settled();
  }
}

/** What `settled` is told. */
function settlement(begin: (settled: Settled) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => (error === undefined ? resolve() : reject(error)));
  });
}
