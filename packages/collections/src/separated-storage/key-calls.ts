import { MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import { IndeterminateError } from '../errors.js';
import { CallOrder } from '../storage-grid/call-order.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { Participation } from '../storage-grid/participation.js';
import type { Patience } from '../storage-grid/patience.js';
import type { Participant } from '../storage-grid/view.js';
import type { KeyBatches } from './key-batches.js';
import { type KeyOperation, type Reply, writes } from './key-requests.js';
import type { KeyService } from './key-service.js';

/** One key of a call, on its way. */
export interface KeyItem {
  readonly slot: string;
  readonly value: string | undefined;
  /** What the key held before; undefined where it was not taken, or not yet. */
  before: string | undefined;
  done: boolean;
  /** Who is said to hold it. */
  holder: Participant | undefined;
  /** Who was asked and has not answered. */
  asked: Participant | undefined;
  /** Whether its change may have been made, or be made yet. */
  exposed: boolean;
}

export interface KeyCall {
  readonly operation: KeyOperation;
  readonly items: readonly KeyItem[];
  /** Whether the caller still waits. What was begun is finished anyway. */
  readonly patience: Pick<Patience, 'ended' | 'prolong'>;
}

const firstPauseInMs = 4;
const longestPauseInMs = 250;

/** Finds who holds each key, and has it do what is asked for; or holds it from then on. */
export class KeyCalls {
  readonly #claims = new CallOrder();

  constructor(
    private readonly participation: Participation,
    private readonly service: KeyService,
    private readonly batches: KeyBatches,
    private readonly clock: Clock,
  ) {}

  /** One claim for a key at a time, whoever still waits for it: a grant that comes late must not be taken for that of a later one. */
  run(call: KeyCall): Promise<void> {
    if (!writes(call.operation)) return this.#carryOut(call);
    const slots = call.items.map(({ slot }) => slot);
    return this.#claims.run(slots, undefined, () => this.#carryOut(call));
  }

  /** Whether all could be read here, and was. */
  readHere(items: readonly KeyItem[]): boolean {
    const { grid } = this.participation;
    if (grid === undefined) return false;
    for (const item of items) {
      const value = this.service.read(grid, item.slot);
      if (value === undefined) return false;
      item.before = value;
    }
    return true;
  }

  async #carryOut(call: KeyCall): Promise<void> {
    const { patience } = call;
    let pauseInMs = firstPauseInMs;
    let grid = this.participation.grid ?? (await this.participation.joined());
    // Whoever keeps a copy knows who holds the key. Reads ask the home, which has a copy, too.
    if (call.operation !== MessageType.GET_ENTRIES_REQUEST)
      for (const item of call.items) item.holder = grid.copies.find(item.slot)?.holder;
    for (let open = call.items; !patience.ended; ) {
      await this.#attempt(grid, call, open);
      open = open.filter(({ done }) => !done);
      if (open.length === 0) return;
      // A hint is followed at once; who only has to wait does so a little longer each time.
      if (open.every(({ holder }) => holder === undefined)) {
        if (patience.ended) return;
        await new Promise<void>((resolve) => {
          this.clock.setTimer(resolve, pauseInMs);
        });
        pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs);
      }
      grid = this.participation.grid ?? (await this.participation.joined());
    }
  }

  /** Resolves when each item is done or has to be tried again. Rejects when one failed, once that is known of all. */
  #attempt(grid: EntryGrid, call: KeyCall, items: readonly KeyItem[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = items.length;
      let failure: unknown;
      const settle = (error?: unknown): void => {
        failure ??= error;
        if (--left > 0) return;
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const own: KeyItem[] = [];
      for (const item of items) {
        const to = this.#addressee(grid, call, item);
        item.holder = undefined;
        item.exposed = true;
        if (to === grid.self) own.push(item);
        else this.#ask(grid, to, call, item, settle);
      }
      if (own.length > 0) this.#askSelf(grid, call.operation, own, settle);
    });
  }

  #addressee(grid: EntryGrid, { operation }: KeyCall, item: KeyItem): Participant {
    const { view } = grid;
    const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
    if (grid.held.has(item.slot) || (isRead && this.service.read(grid, item.slot) !== undefined)) return grid.self;
    const hint = item.holder !== undefined && view.has(item.holder) ? item.holder : undefined;
    return hint ?? view.homeOf(item.slot);
  }

  #askSelf(
    grid: EntryGrid,
    operation: KeyOperation,
    items: readonly KeyItem[],
    settle: (error?: unknown) => void,
  ): void {
    const slots = items.map(({ slot }) => slot);
    const values = writes(operation) ? items.map(({ value = '' }) => value) : [];
    const { epoch } = grid.view;
    this.service.serve(grid, { from: grid.self, operation, epoch, slots, values }, (at, reply) => {
      const item = items[at];
      if (item === undefined || reply instanceof Error) return settle(reply);
      // Where this one granted it itself: from here on it holds it, or does not.
      if (reply.type === 'granted') this.service.reservations.release(item.slot, grid.self);
      this.#take(grid, epoch, item, reply, settle);
    });
  }

  #ask(grid: EntryGrid, to: Participant, call: KeyCall, item: KeyItem, settle: (error?: unknown) => void): void {
    const { operation, patience } = call;
    item.asked = to;
    this.batches.ask(grid, to, operation, {
      slot: item.slot,
      value: item.value,
      prolong: () => patience.prolong(),
      replied: (reply, epoch) => {
        item.asked = undefined;
        this.#take(grid, epoch, item, reply, settle);
      },
      departed: () => {
        item.asked = undefined;
        const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
        settle(isRead ? undefined : new IndeterminateError(`${to.member} left before it answered`));
      },
    });
  }

  #take(grid: EntryGrid, epoch: number, item: KeyItem, reply: Reply, settle: (error?: unknown) => void): void {
    if (reply.type === 'granted' && grid.view.epoch === epoch && !grid.closed) {
      // In a later epoch another home decides, which was not told that this one holds it.
      grid.held.set(item.slot, item.value ?? '');
      grid.held.write([item.slot], (error) => {
        item.done = error === undefined;
        settle(error);
      });
      return;
    }
    item.done = reply.type === 'done' || reply.type === 'absent';
    if (reply.type === 'done') item.before = reply.value;
    if (reply.type === 'held') item.holder = reply.by;
    if (!item.done) item.exposed = false;
    settle();
  }
}
