import { StorageKind } from '@hamok/messages';
import { requireWait } from '../arguments.js';
import type { Collection, CollectionContext, CollectionOptions } from '../collection.js';
import { ClosedError, HoldLostError, NotCommittedError, OptionError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { HamokMap } from '../map/hamok-map.js';
import type { HamokMapChange } from '../map/map-options.js';
import type { CallOptions } from '../session/call.js';
import { Hold } from './hold.js';
import type { HoldNames } from './hold-names.js';
import { KeptLease } from './kept-lease.js';
import { NextInLine } from './next-in-line.js';
import { type AcquireOptions, type LeaseOptions, leaseOf } from './permit-options.js';
import { PermitWait } from './permit-wait.js';
import { type Claim, isWorthAsking, Slots } from './slots.js';

/** More than members take and give back in one turn; who misses some asks the grid. */
const watchRetention = { changes: 256 };
/** For so long the others wait at most for the next one, where it is gone: a long lease is for those who hold. */
const longestPlaceInMs = 10_000;

/** What locks and semaphores are: permits that callers on all members take and give back, over a replicated map. */
export abstract class Permits implements Collection {
  readonly id: string;
  /** In the grid it is a map, of the numbers of the permits that are taken to the names of those who have them. */
  readonly kind = StorageKind.MAP;
  /** Resolves when the grid knows it. Never rejects unhandled. */
  readonly ready: Promise<this>;
  protected readonly slots: Slots;
  readonly #context: CollectionContext;
  readonly #map: HamokMap<number, string>;
  readonly #requestTimeoutInMs: number | undefined;
  readonly #leases = new Map<number, KeptLease>();
  /** Those of this member take turns, so that a permit that becomes free has one asking for it, and not all. */
  readonly #waits = new Fifo<PermitWait>();
  readonly #next: NextInLine;
  readonly #stopListening: () => void;
  #serving = false;

  /** @throws OptionError */
  constructor(
    context: CollectionContext,
    id: string,
    permits: number,
    options: LeaseOptions & CollectionOptions,
    names: HoldNames,
  ) {
    const leaseInMs = leaseOf(options);
    const { requestTimeoutInMs } = options;
    this.id = id;
    this.#context = context;
    this.#requestTimeoutInMs = requestTimeoutInMs;
    const limit = requestTimeoutInMs === undefined ? {} : { requestTimeoutInMs };
    const own = { ...context, onClose: () => context.onClose(this) };
    this.#map = new HamokMap<number, string>(own, { mapId: id, watchRetention, ...limit });
    const position = () => positionOf(context);
    const slots = (inMs: number) => new Slots(this.#map, permits, inMs, names, context.clock, position);
    this.slots = slots(leaseInMs);
    this.#next = new NextInLine(slots(Math.min(leaseInMs, longestPlaceInMs)), context.clock);
    this.#stopListening = context.session.onFailed((failure) => this.#failWaits(failure));
    this.ready = this.#map.ready.then(() => this);
    this.ready.catch(() => undefined);
    void this.#follow();
  }

  get closed(): boolean {
    return this.#map.closed;
  }

  /**
   * Waits until there is one to be had, and takes it. The callers of one member are served in the order of their calls; between members
   * it is whose request comes first, and then who came too late.
   *
   * Rejects with `NotCommittedError` when the wait ended first, in which case nothing is held; `ClosedError`, `OptionError`, and as the changes of a
   * `HamokMap` do.
   */
  acquire(options?: AcquireOptions): Promise<Hold> {
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      requireWait(options);
      const { signal } = options ?? {};
      if (signal?.aborted === true) return reject(gaveUp('aborted', signal.reason));
      const wait = new PermitWait(resolve, reject);
      wait.limit(this.#context.clock, options ?? {}, (what, cause) => {
        this.#waits.remove(wait);
        wait.fail(gaveUp(what, cause));
        void this.#serve();
      });
      this.#waits.push(wait);
      void this.#serve();
    });
  }

  /**
   * Takes one if there is one to be had, by what is committed in the grid, and does not wait for that: resolves with undefined where there is
   * none. Rejects as the changes and reads of a `HamokMap` do; what it took without knowing it is given back.
   */
  async tryAcquire(options?: CallOptions): Promise<Hold | undefined> {
    this.#requireOpen();
    requireWait(options);
    const { clock, session } = this.#context;
    const endsAt = clock.now() + (options?.timeoutInMs ?? session.limitInMs(this.#requestTimeoutInMs));
    const left = () => ({ ...options, timeoutInMs: Math.max(0, endsAt - clock.now()) });
    await this.slots.enter(left());
    if (this.slots.firstFree() === undefined) await this.slots.catchUp(left());
    for (let slot = this.slots.firstFree(); slot !== undefined; slot = this.slots.firstFree()) {
      const held = await this.slots.claim(slot, left(), (claim) => this.#hold(claim));
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /**
   * Takes one as `acquire` does, runs the work, and gives it back when that has ended, also by an error. Resolves and rejects as the work does.
   * The work is not ended when the permit is lost: it is to look at `held.signal`.
   */
  async run<T>(work: (held: Hold) => T | Promise<T>, options?: AcquireOptions): Promise<T> {
    if (typeof work !== 'function') throw new OptionError('work', 'must be a function');
    const held = await this.acquire(options);
    try {
      return await work(held);
    } finally {
      await held[Symbol.asyncDispose]();
    }
  }

  /** Detaches this facade: who waits is refused, and what is held is lost to its holders; the others get it with the end of its lease. */
  close(): void {
    if (this.closed) return;
    this.#stopListening();
    this.#next.close();
    this.slots.close();
    this.#map.close();
    const closed = new ClosedError(`"${this.id}"`);
    this.#failWaits(closed);
    for (const lease of [...this.#leases.values()]) lease.lose(closed);
  }

  /** @throws ClosedError, and what stopped this member for good */
  #requireOpen(): void {
    if (this.closed) throw new ClosedError(`"${this.id}"`);
    const { failure } = this.#context.session;
    if (failure !== undefined) throw failure;
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    for (;;) {
      await this.#next.apply();
      const wait = this.#waits.at(0);
      if (wait === undefined || this.#next.isAnother) break;
      const slot = this.slots.firstFree();
      if (slot === undefined) break;
      await this.#claim(slot, wait);
    }
    this.#serving = false;
    if (this.#waits.length === 0) this.#next.leave();
  }

  async #claim(slot: number, wait: PermitWait): Promise<void> {
    try {
      const options = { signal: wait.failed, timeoutInMs: Number.POSITIVE_INFINITY };
      await this.slots.enter(options);
      const isMine = await this.slots.claim(slot, options, (claim) => {
        if (wait.ended) this.slots.giveBack(claim);
        else this.#serveWith(claim, wait);
        return true;
      });
      if (isMine === undefined) this.#next.cameLate();
    } catch (error) {
      if (wait.ended || isWorthAsking(error)) return;
      this.#waits.remove(wait);
      wait.fail(error);
    }
  }

  #serveWith(claim: Claim, wait: PermitWait): void {
    this.#waits.remove(wait);
    this.#next.leave();
    wait.give(this.#hold(claim));
  }

  #hold(claim: Claim): Hold {
    const lease = new KeptLease(claim, this.slots, this.#context.clock, () => {
      if (this.#leases.get(claim.slot) === lease) this.#leases.delete(claim.slot);
    });
    this.#leases.set(claim.slot, lease);
    return new Hold(lease);
  }

  async #follow(): Promise<void> {
    let watch = this.#map.watch();
    while (!this.closed) {
      try {
        for await (const change of watch) this.#changed(change);
      } catch {
        // Changes were missed, as when this member took over a snapshot, or are none of a map like this.
        if (this.closed) return;
        void watch.return?.();
        watch = this.#map.watch();
        for (const lease of this.#leases.values()) lease.check();
        void this.#serve();
      }
    }
  }

  #changed(change: HamokMapChange<number, string>): void {
    if (change.type === 'insert') return;
    for (const lease of change.type === 'clear' ? [...this.#leases.values()] : this.#leaseOf(change)) {
      // A member that comes back may hear of what was before once more.
      const { token } = lease.claim;
      if (change.revision > token)
        lease.lose(new HoldLostError(this.id, change.type === 'expire' ? 'expired' : 'removed'));
    }
    void this.#serve();
  }

  /** Whose entry was changed by another than itself. */
  #leaseOf(change: Exclude<HamokMapChange<number, string>, { type: 'insert' | 'clear' }>): KeptLease[] {
    const lease = this.#leases.get(change.key);
    if (lease === undefined || change.oldValue !== lease.claim.name) return [];
    return change.type === 'update' && change.value === lease.claim.name ? [] : [lease];
  }

  #failWaits(error: Error): void {
    for (const wait of this.#waits.drain()) wait.fail(error);
    this.#next.leave();
  }
}

function positionOf({ state, self }: CollectionContext): number {
  const { members } = state;
  const own = self();
  return members.filter((member) => member < own).length / Math.max(1, members.length);
}

function gaveUp(what: 'timed-out' | 'aborted', cause: unknown): NotCommittedError {
  return new NotCommittedError(`${what} before there was a permit`, what, cause);
}
