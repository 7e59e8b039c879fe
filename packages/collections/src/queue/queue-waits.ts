import { requireWait } from '../arguments.js';
import type { CollectionContext } from '../collection.js';
import { ClosedError, IndeterminateError, isSessionClosed, NotCommittedError } from '../errors.js';
import type { CommandInit } from '../replicated/command.js';
import type { Accepted, StorageClient } from '../storage-client.js';
import { acknowledgeCommand, cancelCommand, putBackCommand } from './queue-commands.js';
import type { QueueItem } from './queue-item.js';
import type { WaitOptions } from './queue-options.js';
import { type Given, isGiven, readGiven, wasHeld } from './queue-results.js';
import { QueueState } from './queue-state.js';
import { QueueWait } from './queue-wait.js';
import type { Waiter } from './waiters.js';

/** More would not do harm, but a command has a size. */
const confirmedAtOnce = 128;
const ownCall = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };

/**
 * The callers of this member that wait for an item. The grid knows each by its ticket and serves them in order. One that pops has the
 * item only when the grid agreed that it got it: if this member is gone before that, the item is offered to the next one. What
 * comes for a caller that is gone goes back to the head of the queue.
 */
export class QueueWaits {
  readonly #context: CollectionContext;
  readonly #client: StorageClient;
  readonly #waits = new Set<QueueWait>();
  readonly #byTicket = new Map<number, QueueWait>();
  readonly #orphans = new Set<number>();
  readonly #stopListening: () => void;
  /** Handed over since the last `confirm`. */
  #handedOver: { readonly wait: QueueWait; readonly given: Given & { readonly ticket: number } }[] = [];

  constructor(context: CollectionContext, client: StorageClient) {
    this.#context = context;
    this.#client = client;
    this.#stopListening = context.session.onFailed((failure) => this.#failed(failure));
  }

  wait(command: CommandInit, options: WaitOptions): Promise<Given> {
    return new Promise((resolve, reject) => {
      if (this.#client.closed) return reject(new ClosedError(`"${this.#client.id}"`));
      requireWait(options);
      const { signal } = options;
      if (signal?.aborted === true) return reject(gaveUp('aborted', signal.reason));
      const wait = new QueueWait(command, resolve, reject);
      wait.limit(this.#context.clock, options, (what, cause) => this.#abandon(wait, what, cause));
      this.#waits.add(wait);
      this.#ask(wait);
    });
  }

  /** Somebody who waited was handed an item. */
  serve({ member, ticket }: Waiter, { value, deliveries }: QueueItem): void {
    if (member !== this.#context.self()) return;
    const wait = this.#byTicket.get(ticket);
    if (wait === undefined) return this.#orphan(ticket);
    const given = { ticket, value, deliveries };
    if (wait.pops) this.#handedOver.push({ wait, given });
    else this.#give(wait, given);
  }

  /** To be called after what was served at once. */
  confirm(): void {
    while (this.#handedOver.length > 0) {
      const some = this.#handedOver.splice(0, confirmedAtOnce);
      for (const { wait } of some) wait.confirming = true;
      const read = (result: Accepted) => {
        for (const [position, { wait, given }] of some.entries())
          this.#confirmed(wait, given, wasHeld(result, position));
      };
      this.#submit(acknowledgeCommand(some.map(({ given }) => given.ticket)), read).catch((error: unknown) => {
        for (const { wait } of some) this.#refused(wait, error);
      });
    }
  }

  /** The state was replaced by another: what happened to those who wait is to be read from it. */
  resume(state: QueueState | undefined): void {
    const self = this.#context.self();
    for (const [ticket, wait] of [...this.#byTicket]) {
      if (wait.confirming || state?.waiters.get(ticket)?.member === self) continue;
      const lease = state?.leases.get(ticket);
      if (lease?.holder.member === self) this.serve(lease.holder, lease.item);
      else this.#askAgain(wait);
    }
    this.confirm();
  }

  /** Takes back an item that was popped for a caller who is gone. */
  putBack(value: Uint8Array): void {
    this.#submit(putBackCommand(value), () => undefined).catch((error: unknown) => {
      // Where it is certain that it is not back yet, it is tried again; anything else might double it.
      if (isSessionClosed(error)) this.putBack(value);
    });
  }

  /** What was taken for a caller who is gone is as if it had not been. */
  cancelLate(result: Accepted): void {
    const answer = readGiven(result);
    if (answer?.ticket !== undefined) this.#cancel(answer.ticket);
    else if (answer !== undefined && isGiven(answer)) this.putBack(answer.value);
  }

  close(): void {
    this.#stopListening();
    for (const wait of [...this.#waits]) this.#end(wait, new ClosedError(`"${this.#client.id}"`, isOpen(wait)));
  }

  #ask(wait: QueueWait): void {
    this.#submit(wait.command, (result) => this.#answered(wait, result)).catch((error: unknown) =>
      this.#refused(wait, error),
    );
  }

  #askAgain(wait: QueueWait): void {
    if (wait.ticket !== undefined) this.#byTicket.delete(wait.ticket);
    wait.ticket = undefined;
    wait.confirming = false;
    if (!wait.ended) this.#ask(wait);
  }

  #answered(wait: QueueWait, result: Accepted): void {
    if (wait.ended) return this.cancelLate(result);
    const answer = readGiven(result);
    if (answer === undefined) return;
    if (isGiven(answer)) return this.#give(wait, answer);
    wait.ticket = answer.ticket;
    this.#byTicket.set(answer.ticket, wait);
  }

  #confirmed(wait: QueueWait, given: Given, isHis: boolean): void {
    if (!isHis) this.#askAgain(wait);
    else if (wait.ended) this.putBack(given.value);
    else this.#give(wait, given);
  }

  #give(wait: QueueWait, given: Given): void {
    this.#forget(wait);
    wait.give(given);
  }

  /** The session has ended before the command was in the log: there will be another. */
  #refused(wait: QueueWait, error: unknown): void {
    if (isSessionClosed(error)) return this.#askAgain(wait);
    this.#forget(wait);
    wait.fail(error);
  }

  #abandon(wait: QueueWait, what: string, cause: unknown): void {
    this.#end(
      wait,
      isOpen(wait) ? new IndeterminateError(`${what} before its outcome was known`, cause) : gaveUp(what, cause),
    );
  }

  /** Nothing will be served here any more. */
  #failed(failure: Error): void {
    const unknown = (): Error => new IndeterminateError(`its outcome is not known: ${failure.message}`, failure);
    for (const wait of [...this.#waits]) this.#end(wait, isOpen(wait) ? unknown() : failure);
  }

  #end(wait: QueueWait, error: Error): void {
    const { ticket } = wait;
    this.#forget(wait);
    wait.fail(error);
    if (ticket !== undefined && !wait.confirming) this.#cancel(ticket);
  }

  #forget(wait: QueueWait): void {
    this.#waits.delete(wait);
    if (wait.ticket !== undefined) this.#byTicket.delete(wait.ticket);
  }

  /**
   * Served was a caller that is gone, or one of an earlier life of this member, whose log is read again from its disk: what is
   * still held once all of it was read is given up.
   */
  #orphan(ticket: number): void {
    this.#orphans.add(ticket);
    if (this.#orphans.size > 1) return;
    const giveUp = () => {
      const state = this.#context.state.storage(this.#client.id);
      for (const each of this.#orphans)
        if (state instanceof QueueState && state.leases.get(each) !== undefined) this.#cancel(each);
      this.#orphans.clear();
    };
    this.#context.barrier().then(giveUp, () => this.#orphans.clear());
  }

  /** Whatever becomes of it: a ticket that stays behind is cancelled when it is served, or loses its item in time. */
  #cancel(ticket: number): void {
    this.#submit(cancelCommand(ticket), () => undefined).catch(() => undefined);
  }

  /** Also for a queue that was closed here: what its callers left behind is cleared away. */
  #submit(command: CommandInit, read: (result: Accepted) => void): Promise<void> {
    const { session } = this.#context;
    return session.submit(this.#client, command, (result) => read(this.#client.accept(result)), ownCall);
  }
}

/** Between being handed an item and having it, and before it is known what a pop met, only the grid knows. */
function isOpen(wait: QueueWait): boolean {
  return wait.confirming || (wait.pops && wait.ticket === undefined);
}

function gaveUp(what: string, cause: unknown): NotCommittedError {
  return new NotCommittedError(`${what} before an item came`, what, cause);
}
