import { type HamokMessage, MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import { IndeterminateError } from '../errors.js';
import { CallOrder } from '../storage-grid/call-order.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { MessageLimits } from '../storage-grid/held-entries.js';
import type { Participation } from '../storage-grid/participation.js';
import { Departure, type Requests } from '../storage-grid/requests.js';
import type { Participant } from '../storage-grid/view.js';
import { type KeyOperation, keyRequest, type Reply, readReplies, writes } from './key-requests.js';
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
}

export interface KeyCall {
  readonly operation: KeyOperation;
  readonly items: readonly KeyItem[];
  /** Whether the caller still waits. What was begun is finished anyway. */
  readonly ended: () => boolean;
  readonly prolong: () => void;
  /** Members that were asked and have not answered. */
  readonly missing: Set<string>;
  /** Items whose change may have been made, or be made yet. */
  readonly exposed: Set<KeyItem>;
}

const firstPauseInMs = 4;
const longestPauseInMs = 250;

/** Finds who holds each key, and has it do what is asked for; or holds it from then on. */
export class KeyCalls {
  readonly #claims = new CallOrder();

  constructor(
    private readonly participation: Participation,
    private readonly service: KeyService,
    private readonly requests: Requests,
    private readonly limits: MessageLimits,
    private readonly clock: Clock,
  ) {}

  /** One claim for a key at a time, whoever still waits for it: a grant that comes late must not be taken for that of a later one. */
  run(call: KeyCall): Promise<void> {
    if (!writes(call.operation)) return this.#carryOut(call);
    const slots = call.items.map(({ slot }) => slot);
    return this.#claims.run(slots, undefined, () => this.#carryOut(call));
  }

  async #carryOut(call: KeyCall): Promise<void> {
    let pauseInMs = firstPauseInMs;
    for (let open = call.items; ; ) {
      const grid = this.participation.grid ?? (await this.participation.joined());
      if (call.ended()) return;
      await this.#attempt(grid, call, open);
      const left = open.filter(({ done }) => !done);
      if (left.length === 0 || call.ended()) return;
      // A hint is followed at once; who only has to wait does so a little longer each time.
      if (left.every(({ holder }) => holder === undefined)) {
        await new Promise<void>((resolve) => {
          this.clock.setTimer(resolve, pauseInMs);
        });
        pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs);
      }
      open = left;
    }
  }

  async #attempt(grid: EntryGrid, call: KeyCall, items: readonly KeyItem[]): Promise<void> {
    const { view } = grid;
    const reads = call.operation === MessageType.GET_ENTRIES_REQUEST;
    const groups = new Map<Participant, KeyItem[]>();
    for (const item of items) {
      const isHere = grid.held.has(item.slot) || (reads && this.service.canRead(grid, item.slot));
      const hint = item.holder !== undefined && view.has(item.holder) ? item.holder : undefined;
      item.holder = undefined;
      const to = isHere ? grid.self : (hint ?? view.homeOf(item.slot));
      const group = groups.get(to);
      if (group === undefined) groups.set(to, [item]);
      else group.push(item);
    }
    const asked = [...groups].flatMap(([to, group]) =>
      to === grid.self
        ? [this.#askSelf(grid, call, group)]
        : this.#parts(group).map((part) => this.#askOther(grid, to, call, part)),
    );
    const settled = await Promise.allSettled(asked);
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
  }

  async #askSelf(grid: EntryGrid, call: KeyCall, items: readonly KeyItem[]): Promise<void> {
    const { operation } = call;
    const slots = items.map(({ slot }) => slot);
    const values = writes(operation) ? items.map(({ value = '' }) => value) : [];
    for (const item of items) call.exposed.add(item);
    const { epoch } = grid.view;
    const replies = await this.service.serve(grid, { from: grid.self, operation, epoch, slots, values });
    await this.#take(grid, epoch, call, items, replies);
  }

  async #askOther(grid: EntryGrid, to: Participant, call: KeyCall, items: readonly KeyItem[]): Promise<void> {
    const { operation } = call;
    const slots = items.map(({ slot }) => slot);
    const request = keyRequest(operation, slots, writes(operation) ? items.map(({ value = '' }) => value) : []);
    const { epoch } = grid.view;
    for (const item of items) call.exposed.add(item);
    call.missing.add(to.member);
    try {
      const replies: Reply[] = [];
      const part = (answer: HamokMessage): void => void replies.push(...readReplies(answer, grid.view));
      part(await this.requests.ask(grid, to, request, call.prolong, part));
      call.missing.delete(to.member);
      await this.#take(grid, epoch, call, items, replies);
    } catch (error) {
      if (!(error instanceof Departure)) throw error;
      if (operation === MessageType.GET_ENTRIES_REQUEST) return;
      throw new IndeterminateError(`${to.member} left before it answered`);
    }
  }

  async #take(
    grid: EntryGrid,
    epoch: number,
    call: KeyCall,
    items: readonly KeyItem[],
    replies: readonly Reply[],
  ): Promise<void> {
    const taken: KeyItem[] = [];
    items.forEach((item, at) => {
      const reply = replies[at];
      // Where this one granted it itself: from here on it holds it, or does not.
      if (reply?.type === 'granted') this.service.reservations.release(item.slot, grid.self);
      if (reply?.type === 'done') {
        item.before = reply.value;
        item.done = true;
      } else if (reply?.type === 'absent') {
        item.done = true;
      } else if (reply?.type === 'held') {
        item.holder = reply.by;
        call.exposed.delete(item);
      } else if (reply?.type === 'granted' && grid.view.epoch === epoch && !grid.closed) {
        // In a later epoch another home decides, which was not told that this one holds it.
        grid.held.set(item.slot, item.value ?? '');
        taken.push(item);
      } else {
        call.exposed.delete(item);
      }
    });
    if (taken.length === 0) return;
    await grid.held.spread(taken.map(({ slot }) => slot));
    for (const item of taken) item.done = true;
  }

  /** In as many messages as their size takes. */
  #parts(items: readonly KeyItem[]): KeyItem[][] {
    const parts: KeyItem[][] = [];
    let part: KeyItem[] = [];
    let bytes = 0;
    for (const item of items) {
      const size = item.slot.length + (item.value?.length ?? 0) + bytesAnItem;
      if (part.length > 0 && (bytes + size > this.limits.bytes || part.length >= this.limits.items)) {
        parts.push(part);
        part = [];
        bytes = 0;
      }
      part.push(item);
      bytes += size;
    }
    if (part.length > 0) parts.push(part);
    return parts;
  }
}

const bytesAnItem = 16;
