import type { Clock } from '../clock.js';
import { ClosedError, codeOf, isCertain, isSessionClosed } from '../errors.js';
import type { HamokMap } from '../map/hamok-map.js';
import type { CallOptions, SubmitOptions } from '../session/call.js';
import type { HoldNames } from './hold-names.js';

/** An attempt to take a slot. */
interface Attempt {
  readonly slot: number;
  /** The value of the slot's entry, which no other attempt has. */
  readonly name: string;
}

/** A slot that was taken. */
export interface Claim extends Attempt {
  /** The revision of the insertion. */
  readonly token: number;
  /** When it was sent, by the clock of this member. */
  readonly sentAt: number;
}

/** Beside those of the permits: who has it is the next to get one. */
export const nextSlot = -1;

/** The name of no attempt. */
const nobody = '';

/** Waits for its answer however long it takes, and is never one too many. */
const ownCall: SubmitOptions = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };
/** Clocks whose speeds differ by less than that part agree on whose lease is over first. */
const clockTolerance = 0.01;

/** The permits as keys of a replicated map, from 0: one that is taken has an entry, which names the hold and ends with its lease. */
export class Slots {
  readonly id: string;
  readonly #attempts = new Set<Attempt>();

  constructor(
    private readonly map: HamokMap<number, string>,
    private readonly permits: number,
    private readonly leaseInMs: number,
    private readonly names: HoldNames,
    private readonly clock: Clock,
    /** The part of the members, below 1, that come before this one. */
    private readonly position: () => number,
  ) {
    this.id = map.id;
  }

  /** For how long a holder may count on its slot, in ms from when it asked: a little less than the grid keeps it. */
  get countedOnInMs(): number {
    return this.leaseInMs * (1 - clockTolerance);
  }

  get renewalInMs(): number {
    return this.leaseInMs / 3;
  }

  /** How many are free, as it is known here. */
  get available(): number {
    let count = 0;
    for (let slot = 0; slot < this.permits; slot++) if (!this.map.has(slot)) count++;
    return count;
  }

  /** As it is known here. */
  isTaken(slot: number): boolean {
    return this.map.has(slot);
  }

  /** As it is known here. Each member looks from a place of its own, so that those who ask at once do not ask for the same one. */
  firstFree(): number | undefined {
    const first = Math.floor(this.permits * this.position());
    for (let distance = 0; distance < this.permits; distance++) {
      const slot = (first + distance) % this.permits;
      if (!this.map.has(slot)) return slot;
    }
    return undefined;
  }

  /** Resolves when this member can name what it asks for: once it has been in a grid. */
  async enter(options: CallOptions): Promise<void> {
    if (!this.names.areUnique) await this.map.removeIf(nextSlot, nobody, options);
  }

  /** Resolves when everything that was given back in the grid before the call is known here. */
  async catchUp(options: CallOptions): Promise<void> {
    await this.map.read(0, options);
  }

  /**
   * Resolves with what `take` makes of the claim, at once when it is known; with undefined when the slot is another's. An attempt whose
   * outcome is not known, or comes to nothing, is taken back: what removes it is applied behind it.
   */
  async claim<T>(slot: number, options: CallOptions, take: (claim: Claim) => T): Promise<T | undefined> {
    const attempt = { slot, name: this.names.next() };
    const sentAt = this.clock.now();
    this.#attempts.add(attempt);
    try {
      const taken = await this.map.insert(slot, attempt.name, { ...options, ttlInMs: this.leaseInMs });
      if (taken !== undefined) return undefined;
      if (this.map.closed) throw new ClosedError(`"${this.id}"`);
      // It was applied, and what was applied with it may have removed it again.
      const entry = this.map.entry(slot);
      if (entry?.value === attempt.name && this.clock.now() < sentAt + this.countedOnInMs)
        return take({ ...attempt, token: entry.revision, sentAt });
      this.giveBack(attempt);
      return undefined;
    } catch (error) {
      if (!isCertain(error)) this.giveBack(attempt);
      throw error;
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  /** Gives the slot a whole lease from now on. Resolves with whether it was still held. */
  renew({ slot, name }: Attempt, signal: AbortSignal): Promise<boolean> {
    return this.map.updateIf(slot, name, name, { ...ownCall, ttlInMs: this.leaseInMs, signal });
  }

  /** Resolves with whether it was still held. */
  remove({ slot, name }: Attempt, options: CallOptions | undefined): Promise<boolean> {
    const reserved: SubmitOptions = { ...options, reserved: true };
    return this.map.removeIf(slot, name, reserved);
  }

  /** As soon as the grid can be reached, for whoever does not wait for it. Where that is never, the lease ends. */
  giveBack(attempt: Attempt): void {
    this.map.removeIf(attempt.slot, attempt.name, ownCall).catch((error: unknown) => {
      if (isWorthAsking(error)) this.giveBack(attempt);
    });
  }

  /** What is under way is taken back. What is held ends with its lease. */
  close(): void {
    for (const attempt of this.#attempts) this.giveBack(attempt);
  }
}

/** The session has ended, and with it what was under way: in the next one it can be asked again. */
export function isWorthAsking(error: unknown): boolean {
  return isSessionClosed(error) || codeOf(error) === 'indeterminate';
}
