import { type HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import { keyOnly } from '../storage-grid/copies.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { StorageDuties } from '../storage-grid/storage-member.js';
import { takeOut } from '../storage-grid/take-out.js';
import type { Participant, View } from '../storage-grid/view.js';
import {
  absent,
  granted,
  isKeyOperation,
  type KeyOperation,
  keyAnswers,
  type Reply,
  retry,
  writes,
} from './key-requests.js';
import { Reservations } from './reservations.js';

export interface KeyRequest {
  readonly from: Participant;
  readonly operation: KeyOperation;
  /** The epoch of who asks. */
  readonly epoch: number;
  readonly slots: readonly string[];
  /** One a slot where the operation writes. */
  readonly values: readonly string[];
}

/** Tells what a request of another participant did to an entry that is held here. */
export type EntryChanged = (operation: KeyOperation, slot: string, before: string, value: string | undefined) => void;

/**
 * Answers for the keys whose home this participant is, and for those that it holds. A key that nobody holds is given to the first who
 * asks to write it: the home decides that alone, in the epoch of both. It answers when it knows, and when what it did is acknowledged.
 */
export class KeyService implements StorageDuties {
  readonly reservations = new Reservations();
  /** Called when keys that could not be answered may be now. */
  #parked: (() => void)[] = [];
  #informedIn: View | undefined;

  constructor(private readonly changed: EntryChanged) {}

  answer(grid: EntryGrid, from: Participant, message: HamokMessage): Promise<void> | undefined {
    const { type: operation, keys, values, storageEpoch: epoch = -1 } = message;
    if (!isKeyOperation(operation) || keys.length === 0) return undefined;
    const request = { from, operation, epoch, slots: keys.map(byteString), values: values.map(byteString) };
    return this.serve(grid, request).then((replies) => {
      for (const answer of keyAnswers(message, replies, grid.limits.bytes)) grid.streams.send(from, answer);
    });
  }

  entries(grid: EntryGrid): Iterable<readonly [slot: string, value: string]> {
    return grid.held.entries();
  }

  async takeOut(grid: EntryGrid): Promise<[]> {
    await takeOut(grid, [...grid.held.slots()], () => undefined);
    return [];
  }

  kept(slot: string): void {
    this.reservations.delete(slot);
  }

  announced(from: Participant, epoch: number): void {
    this.reservations.announced(from, epoch);
  }

  /** What was not known may be now. */
  informed(grid: EntryGrid | undefined): void {
    // What was granted to one who left may be held by nobody, or have copies of which this one has to hear first.
    if (grid?.view !== this.#informedIn && grid?.restoring.informed !== false) {
      this.#informedIn = grid?.view;
      this.reservations.retain((participant) => grid?.view.has(participant) === true);
    }
    for (const resolve of this.#parked.splice(0)) resolve();
  }

  async serve(grid: EntryGrid, request: KeyRequest): Promise<Reply[]> {
    const replies: (Reply | undefined)[] = [];
    const spread: Promise<void>[] = [];
    for (let open = request.slots.map((_, at) => at); ; ) {
      const [written, deleted]: [string[], string[]] = [[], []];
      open = open.filter((at) => {
        const reply = this.#reply(grid, request, at, written, deleted);
        replies[at] = reply;
        return reply === undefined;
      });
      // At once, whatever the others wait for: until its deletion is under way, a key would look as if nobody had ever held it.
      if (written.length > 0) spread.push(grid.held.spread(written));
      if (deleted.length > 0) spread.push(grid.held.spreadDeletion(deleted));
      for (const each of spread) each.catch(() => undefined);
      if (open.length === 0) break;
      await new Promise<void>((resolve) => {
        this.#parked.push(resolve);
      });
    }
    await Promise.all(spread);
    return replies.map((reply) => reply ?? retry);
  }

  /** Whether there is a copy here: it knows whatever was acknowledged. */
  canRead({ view, copies }: EntryGrid, slot: string): boolean {
    const known = copies.find(slot);
    return known !== undefined && known.copy !== keyOnly && view.has(known.holder);
  }

  /** Undefined: not yet. */
  #reply(grid: EntryGrid, request: KeyRequest, at: number, written: string[], deleted: string[]): Reply | undefined {
    const slot = request.slots[at] ?? '';
    if (grid.closed) return retry;
    if (!grid.held.has(slot)) {
      const reply = this.#replyForOthers(grid, request, slot);
      // It may just have been restored.
      if (!grid.held.has(slot)) return reply;
    }
    const isChange = request.operation !== MessageType.GET_ENTRIES_REQUEST;
    if (isChange && grid.restoring.isSettling(slot)) return undefined;
    const before = grid.held.get(slot) ?? '';
    switch (request.operation) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        grid.held.set(slot, request.values[at] ?? '');
        written.push(slot);
        break;
      case MessageType.DELETE_ENTRIES_REQUEST:
      case MessageType.REMOVE_ENTRIES_REQUEST:
        grid.held.delete(slot);
        deleted.push(slot);
        break;
      default:
        return { type: 'done', value: before };
    }
    if (request.from !== grid.self) this.changed(request.operation, slot, before, request.values[at]);
    return { type: 'done', value: before };
  }

  #replyForOthers(grid: EntryGrid, { from, operation, epoch }: KeyRequest, slot: string): Reply | undefined {
    const { view, held, copies, restoring } = grid;
    const known = copies.find(slot);
    const holder = known !== undefined && view.has(known.holder) ? known.holder : undefined;
    if (operation === MessageType.GET_ENTRIES_REQUEST && known !== undefined && known.copy !== keyOnly)
      if (holder !== undefined) return { type: 'done', value: known.copy };
    if (epoch > view.epoch) return undefined;
    if (epoch < view.epoch || view.homeOf(slot) !== grid.self) return retry;
    if (holder !== undefined) return holder === from ? retry : { type: 'held', by: holder };
    if (known !== undefined) {
      restoring.restore(slot);
      return undefined;
    }
    if (!restoring.knows(slot) || held.isLeaving(slot)) return undefined;
    const reserved = this.reservations.get(slot);
    if (reserved !== undefined && !view.has(reserved)) return undefined;
    if (reserved !== undefined && reserved !== from) return retry;
    if (!writes(operation)) return absent;
    this.reservations.set(slot, from, epoch);
    return granted;
  }
}
