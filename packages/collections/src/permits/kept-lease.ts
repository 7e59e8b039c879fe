import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import { type HamokError, HoldLostError } from '../errors.js';
import { Pauses } from '../pauses.js';
import type { CallOptions } from '../session/call.js';
import type { Claim, Slots } from './slots.js';

/** After a renewal without an outcome, in parts of the time between two. */
const retryPart = 1 / 4;

/** Keeps a claim by renewing it, until it is released, or lost: by what the grid says, or because it did not answer in time. */
export class KeptLease {
  readonly #controller = new AbortController();
  readonly #pauses: Pauses;
  #lostAt = 0;
  #stopTimer: (() => void) | undefined;
  #isDoubted = false;
  #over = false;
  #released: Promise<boolean> | undefined;

  /** @param onOver called once, when it is neither held nor renewed any more */
  constructor(
    readonly claim: Claim,
    private readonly slots: Slots,
    private readonly clock: Clock,
    private readonly onOver: () => void,
  ) {
    this.#pauses = new Pauses(clock);
    this.#countFrom(claim.sentAt);
    void this.#keep();
  }

  /** Aborted when it is lost. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isHeld(): boolean {
    return !this.#over && this.clock.now() < this.#lostAt;
  }

  /** Renews it now, or as soon as a renewal under way is over, to learn whether it is there. */
  check(): void {
    this.#isDoubted = true;
    this.#pauses.endAll();
  }

  lose(reason: HamokError): void {
    if (this.#end()) this.#controller.abort(reason);
  }

  async release(options: CallOptions | undefined): Promise<boolean> {
    requireWait(options);
    this.#released ??= this.#release(options);
    return this.#released;
  }

  async #release(options: CallOptions | undefined): Promise<boolean> {
    if (!this.isHeld) this.#notRenewed();
    if (!this.#end()) return false;
    try {
      return await this.slots.remove(this.claim, options);
    } catch (error) {
      this.slots.giveBack(this.claim);
      throw error;
    }
  }

  async #keep(): Promise<void> {
    let nextAt = this.claim.sentAt + this.slots.renewalInMs;
    for (;;) {
      if (!this.#isDoubted) await this.#pauses.pause(Math.max(0, nextAt - this.clock.now()));
      if (this.#over) return;
      this.#isDoubted = false;
      const sentAt = this.clock.now();
      const isThere = await this.#renew();
      if (this.#over) return;
      if (isThere === false) return this.lose(new HoldLostError(this.slots.id, 'removed'));
      if (isThere) this.#countFrom(sentAt);
      nextAt = isThere ? sentAt + this.slots.renewalInMs : this.clock.now() + this.slots.renewalInMs * retryPart;
    }
  }

  /** Resolves with undefined where there was no answer. */
  async #renew(): Promise<boolean | undefined> {
    try {
      return await this.slots.renew(this.claim, this.signal);
    } catch {
      return undefined;
    }
  }

  /** What the grid confirmed counts from when it was asked for that: its answer may have been long under way. */
  #countFrom(sentAt: number): void {
    this.#lostAt = sentAt + this.slots.countedOnInMs;
    this.#stopTimer?.();
    this.#stopTimer = this.clock.setTimer(() => this.#notRenewed(), Math.max(0, this.#lostAt - this.clock.now()));
  }

  #notRenewed(): void {
    if (this.#over) return;
    this.lose(new HoldLostError(this.slots.id, 'not-renewed'));
    // A renewal that is still under way would keep it from the others.
    this.slots.giveBack(this.claim);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#stopTimer?.();
    this.#pauses.endForGood();
    this.onOver();
    return true;
  }
}
