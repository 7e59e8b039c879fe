import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString, bytesOf } from '../bytes/byte-string.js';
import type { HeldEntries } from './held-entries.js';
import type { Placement } from './placement.js';
import type { Streams } from './streams.js';
import type { Participant } from './view.js';

/** Two participants hold a key, and `kept` goes on. Told at the home of the key, and at the other one. */
export type ConflictReport = (slot: string, kept: Participant, other: Participant) => void;

/**
 * Settles it where two participants hold one key, which grants and restoring exclude as long as all keep to the rules. The home of the
 * key notices when the copies of both come there: whoever it knew first goes on, and the other one drops what it holds. Its copies may
 * have taken the place of others elsewhere, so whoever goes on copies its entries anew.
 */
export class Conflicts {
  /** What is dropped, or copied anew, and not acknowledged yet. */
  #underWay = 0;

  constructor(
    private readonly self: Participant,
    private readonly placement: Placement,
    private readonly held: HeldEntries,
    private readonly streams: Streams,
    private readonly report: ConflictReport,
  ) {}

  /** Whether the copies of what this participant holds, or dropped, are as if there had been no conflict, as far as it was told. */
  get isSettled(): boolean {
    return this.#underWay === 0;
  }

  /** A copy came of a key that another one is known to hold. Whether its home is here: then that is told to who sent the copy. */
  isRefused(slot: string, known: Participant, holder: Participant): boolean {
    const { view } = this.placement;
    if (!view.has(known) || view.homeOf(slot) !== this.self) return false;
    this.#send(holder, [bytesOf(slot)], known, false);
    this.report(slot, known, holder);
    return true;
  }

  /** From the home: another one goes on holding these. From that other one: it has dropped what it held of these. */
  told(from: Participant, { keys, success, raftCandidateId: keptId = '' }: HamokMessage): void {
    const kept = this.placement.view.find(keptId);
    if (kept === undefined) return;
    if (kept === this.self && success === true) void this.#copyAnew(keys);
    else if (kept !== this.self) void this.#yield(from, keys, kept);
  }

  async #yield(home: Participant, keys: readonly Uint8Array[], kept: Participant): Promise<void> {
    const { view } = this.placement;
    const yielded = keys.filter((key) => {
      const slot = byteString(key);
      return this.held.has(slot) && view.homeOf(slot) === home;
    });
    const slots = yielded.map(byteString);
    for (const slot of slots) {
      this.held.delete(slot);
      this.report(slot, kept, this.self);
    }
    if (slots.length > 0 && (await this.#spread(slots))) this.#send(kept, yielded, kept, true);
  }

  async #copyAnew(keys: readonly Uint8Array[]): Promise<void> {
    await this.#spread(keys.map(byteString).filter((slot) => this.held.has(slot)));
  }

  /** Whether that was acknowledged before this participation ended. */
  async #spread(slots: readonly string[]): Promise<boolean> {
    this.#underWay++;
    try {
      await this.held.spread(slots);
      return true;
    } catch {
      return false;
    } finally {
      this.#underWay--;
    }
  }

  #send(to: Participant, keys: Uint8Array[], kept: Participant, success: boolean): void {
    const type = MessageType.ENTRIES_REMOVED_NOTIFICATION;
    this.streams.send(to, new HamokMessage({ type, keys, raftCandidateId: kept.id, success }));
  }
}
