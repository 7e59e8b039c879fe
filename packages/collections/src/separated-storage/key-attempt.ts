import { MessageType } from '@hamok/messages';
import { IndeterminateError } from '../errors.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { Participant } from '../storage-grid/view.js';
import type { KeyBatches } from './key-batches.js';
import type { KeyCall, KeyItem } from './key-item.js';
import { type Reply, writes } from './key-requests.js';
import type { KeyService } from './key-service.js';

/** Asks once for each of some keys of a call: whoever holds it, as far as this member knows, or its home. */
export class KeyAttempt {
  #left = 0;
  #failure: Error | undefined;
  #end: (failure: Error | undefined) => void = () => undefined;

  constructor(
    private readonly grid: EntryGrid,
    private readonly call: KeyCall,
    private readonly service: KeyService,
  ) {}

  /** Resolves when each item is done or has to be tried again. Rejects when one failed, once that is known of all. */
  run(items: readonly KeyItem[], batches: KeyBatches): Promise<void> {
    this.#left = items.length;
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    const own: KeyItem[] = [];
    for (const item of items) {
      const to = this.#addressee(item);
      item.holder = undefined;
      item.exposed = true;
      item.asked = to;
      item.progress?.askedAgain();
      if (to === this.grid.self) {
        own.push(item);
      } else {
        batches.ask(this.grid, to, this.call.operation, { item, attempt: this });
      }
    }
    if (own.length > 0) this.#askSelf(own);
    return ended;
  }

  /** @param epoch that of the request */
  replied(item: KeyItem, reply: Reply, epoch: number): void {
    const { grid } = this;
    if (reply.type === 'granted' && grid.view.epoch === epoch && !grid.closed) {
      // In a later epoch another home decides, which was not told that this one holds it.
      item.asked = grid.self;
      grid.held.set(item.slot, item.value ?? '');
      grid.held.write([item.slot], (error) => {
        item.done = error === undefined;
        this.#settle(error);
      });
      return;
    }
    item.done = reply.type === 'done' || reply.type === 'absent';
    if (reply.type === 'done') item.before = reply.value;
    if (reply.type === 'held') item.holder = reply.by;
    if (!item.done) item.exposed = false;
    this.#settle();
  }

  /** Who was asked has left, and may or may not have done it. */
  departed(item: KeyItem): void {
    const isRead = this.call.operation === MessageType.GET_ENTRIES_REQUEST;
    this.#settle(isRead ? undefined : new IndeterminateError(`${item.asked?.member} left before it answered`));
  }

  #addressee(item: KeyItem): Participant {
    const { grid, call, service } = this;
    const { view } = grid;
    const isRead = call.operation === MessageType.GET_ENTRIES_REQUEST;
    if (grid.held.has(item.slot) || (isRead && service.read(grid, item.slot) !== undefined)) return grid.self;
    const hint = item.holder !== undefined && view.has(item.holder) ? item.holder : undefined;
    return hint ?? view.homeOf(item.slot);
  }

  #askSelf(items: readonly KeyItem[]): void {
    const { grid, service } = this;
    const { operation } = this.call;
    const slots = items.map(({ slot }) => slot);
    const values = writes(operation) ? items.map(({ value = '' }) => value) : [];
    const { epoch } = grid.view;
    service.serve(grid, { from: grid.self, operation, epoch, slots, values }, (at, reply) => {
      const item = items[at];
      if (item === undefined || reply instanceof Error) return this.#settle(reply instanceof Error ? reply : undefined);
      // Where this one granted it itself: from here on it holds it, or does not.
      if (reply.type === 'granted') service.reservations.release(item.slot, grid.self);
      this.replied(item, reply, epoch);
    });
  }

  #settle(error?: Error): void {
    this.#failure ??= error;
    if (--this.#left === 0) this.#end(this.#failure);
  }
}
