import type { CollectionContext } from '../collection.js';
import {
  BusyError,
  ClosedError,
  IndeterminateError,
  MissingMembersError,
  NotCommittedError,
  UnavailableError,
} from '../errors.js';
import { idOf } from '../member-id.js';
import type { CallOptions } from '../session/call.js';
import type { StorageClient } from '../storage-client.js';
import { type CallKind, CallOrder } from './call-order.js';
import { GivenUpCalls } from './given-up-calls.js';
import type { GridCallOptions } from './grid-storage-options.js';
import { mostCalls } from './most-calls.js';
import { Patience, type WaitEnd } from './patience.js';
import type { Participant } from './view.js';

/** How a call ends that has no result. */
export interface CallEnd extends WaitEnd {
  /** Whether what it changes may be changed, or may still be. */
  readonly exposed: () => boolean;
  /** Because of whom it is not carried out, when nobody waits for it any more. Not given where it ends with its wait. */
  readonly stuckWith?: () => Iterable<Participant>;
}

/** The calls of this member on one storage: each in its turn, and ended by its outcome, its time, its signal, or with the storage or the member. */
export class GridCalls {
  readonly #order = new CallOrder();
  readonly #waiting = new Map<Patience, CallEnd>();
  readonly #givenUp: GivenUpCalls;
  readonly #stopListening: () => void;
  #closed = false;

  constructor(
    private readonly context: CollectionContext,
    private readonly client: StorageClient,
  ) {
    this.#givenUp = new GivenUpCalls(context.clock);
    this.#stopListening = context.session.onFailed((failure) => this.#failed(failure));
  }

  /** @throws ClosedError, and what stopped this member for good */
  requireOpen(): void {
    if (this.#closed) throw new ClosedError(`"${this.client.id}"`);
    const { failure } = this.context.session;
    if (failure) throw failure;
  }

  /** Those that wait end with the storage. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
  }

  /** @throws OptionError, BusyError, ClosedError */
  begin(options: CallOptions | undefined): Patience {
    this.requireOpen();
    if (this.#isFull) {
      this.#givenUp.lookAgain();
      if (this.#isFull) throw new BusyError(mostCalls);
    }
    return new Patience(this.context.clock, this.client.limitInMs, options);
  }

  /**
   * @param concerned because of whom a call might not be carried out
   * @throws BusyError where one of them is silent, and as many others are not carried out because of it as may be
   */
  requireRoom(concerned: () => Iterable<Participant>): void {
    if (this.#givenUp.size < mostCalls) return;
    this.#givenUp.lookAgain();
    for (const one of concerned()) {
      if (this.#givenUp.becauseOf(one) < mostCalls) continue;
      const what = `as many calls of "${this.client.id}" as may wait for ${idOf(one.member)}, which is silent`;
      throw new BusyError(mostCalls, what);
    }
  }

  /** Whether a call that has to do with these keys would have its turn at once. */
  isFree(slots: readonly string[]): boolean {
    return this.#order.isFree(slots);
  }

  /** After the calls before it that have to do with the same keys, or, without keys, after all of them. */
  inTurn<T>(
    slots: readonly string[] | undefined,
    patience: Patience,
    call: () => Promise<T>,
    kind?: CallKind,
  ): Promise<T> {
    return slots === undefined ? this.#order.runAlone(patience, call) : this.#order.run(slots, patience, call, kind);
  }

  /** After the changes before it, those of these keys or all; and before nothing. */
  afterChanges<T>(slots: readonly string[] | undefined, patience: Patience, read: () => Promise<T>): Promise<T> {
    return this.#order.runAfterChanges(slots, patience, read);
  }

  /** Resolves or rejects with the call, or rejects when it is over before. */
  end<T>(running: Promise<T>, patience: Patience, end: CallEnd): Promise<T> {
    this.#waiting.set(patience, end);
    return patience.limit(running, end).then(
      (outcome) => {
        this.#waiting.delete(patience);
        return outcome;
      },
      (error: unknown) => {
        this.#waiting.delete(patience);
        if (patience.givenUp && end.stuckWith !== undefined) this.#givenUp.add(running, end.stuckWith);
        throw this.#closed && !patience.handedOver ? new ClosedError(`"${this.client.id}"`, end.exposed()) : error;
      },
    );
  }

  /** What to say of a read that has no answer because of these; or that was aborted. */
  unreadable(silent: Iterable<Participant>, cause: unknown): Error {
    const others = cause === undefined ? this.#others(silent) : [];
    if (others.length > 0) return new MissingMembersError(this.client.id, others, false);
    return new UnavailableError(`"${this.client.id}" did not answer before it ended`, { cause });
  }

  /** The same of a change. */
  unchanged(silent: Iterable<Participant>, exposed: boolean, cause: unknown): Error {
    const others = cause === undefined ? this.#others(silent) : [];
    return others.length > 0
      ? new MissingMembersError(this.client.id, others, exposed)
      : this.unfinished(exposed, cause);
  }

  /** What to say of a change whose caller waits no more. */
  unfinished(exposed: boolean, cause: unknown): Error {
    const what = `a change of "${this.client.id}" ended before`;
    return exposed
      ? new IndeterminateError(`${what} its outcome was known`, cause)
      : new NotCommittedError(`${what} anybody did it`, 'unavailable', cause);
  }

  /** Where the caller takes a part for all, a call is done that others did not answer. This member's own part is never missing. */
  async orPartial(
    call: Promise<void>,
    missing: () => Iterable<Participant>,
    options: GridCallOptions | undefined,
  ): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof MissingMembersError) || options?.onMissing === undefined) throw error;
      const ids = idsOf(missing());
      if (ids.includes(this.#self)) throw error;
      options.onMissing(ids);
    }
  }

  get #isFull(): boolean {
    return this.#waiting.size + this.#givenUp.becauseOfNobody >= mostCalls;
  }

  get #self(): string {
    return idOf(this.context.self());
  }

  #others(participants: Iterable<Participant>): string[] {
    return idsOf(participants).filter((id) => id !== this.#self);
  }

  /** Nobody is asked any more, and no answer taken in. */
  #failed(failure: Error): void {
    for (const [patience, { exposed }] of [...this.#waiting])
      patience.fail(
        exposed()
          ? new IndeterminateError(
              `the outcome of a change of "${this.client.id}" is not known: ${failure.message}`,
              failure,
            )
          : failure,
      );
  }
}

/** Of the members, each once. */
function idsOf(participants: Iterable<Participant>): string[] {
  return [...new Set(Array.from(participants, ({ member }) => idOf(member)))];
}
