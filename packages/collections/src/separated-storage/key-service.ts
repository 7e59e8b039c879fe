import { type HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import { keyOnly } from '../storage-grid/copies.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { StorageDuties } from '../storage-grid/storage-member.js';
import { takeOut } from '../storage-grid/take-out.js';
import type { Participant, View } from '../storage-grid/view.js';
import {
  absent,
  granted,
  isKeyOperation,
  KeyAnswer,
  type KeyOperation,
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

/** Done here, and told once it is acknowledged. */
const underWay = Symbol('under way');

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

  constructor(
    private readonly clock: Clock,
    private readonly changed: EntryChanged,
  ) {}

  answer(grid: EntryGrid, from: Participant, message: HamokMessage): Promise<void> | undefined {
    const { type: operation, keys, values, storageEpoch: epoch = -1 } = message;
    if (!isKeyOperation(operation) || keys.length === 0) return undefined;
    const request = { from, operation, epoch, slots: keys.map(byteString), values: values.map(byteString) };
    return new Promise((complete) => {
      const send = (part: HamokMessage): void => grid.streams.send(from, part);
      const answer = new KeyAnswer(message, this.clock, grid.limits.bytes, send, complete);
      this.serve(grid, request, (at, reply) => {
        // When this participation has ended, whoever asked learns from its stream.
        if (reply instanceof Error) complete();
        else answer.add(at, reply);
      });
    });
  }

  slotsOf({ type, keys }: HamokMessage): readonly string[] | undefined {
    return isKeyOperation(type) && keys.length > 0 ? keys.map(byteString) : undefined;
  }

  entries(grid: EntryGrid): Iterable<readonly [slot: string, value: string]> {
    return grid.held.entries();
  }

  async takeOut(grid: EntryGrid): Promise<[]> {
    await takeOut(grid, [...new Set([...grid.held.slots(), ...grid.held.leaving()])], () => undefined);
    return [];
  }

  kept(slot: string): void {
    this.reservations.delete(slot);
  }

  /** It may have deleted what it was let hold before it told of it. */
  dropped(slot: string, holder: Participant): void {
    this.reservations.release(slot, holder);
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

  /** Tells each reply when it is known, and what was done for it is acknowledged; or why that cannot be. */
  serve(grid: EntryGrid, request: KeyRequest, tell: (at: number, reply: Reply | Error) => void): void {
    this.#serve(grid, request, Array.from(request.slots.keys()), tell);
  }

  /** What can be read here: by whoever holds the key, or has a copy, which knows whatever was acknowledged. */
  read({ view, held, copies }: EntryGrid, slot: string): string | undefined {
    const value = held.get(slot);
    if (value !== undefined) return value;
    const known = copies.find(slot);
    return known !== undefined && known.copy !== keyOnly && view.has(known.holder) ? known.copy : undefined;
  }

  #serve(
    grid: EntryGrid,
    request: KeyRequest,
    open: readonly number[],
    tell: (at: number, reply: Reply | Error) => void,
  ): void {
    const waiting = open.filter((at) => {
      const reply = this.#reply(grid, request, at, tell);
      if (reply !== undefined && reply !== underWay) tell(at, reply);
      return reply === undefined;
    });
    if (waiting.length === 0) return;
    void new Promise<void>((resolve) => {
      this.#parked.push(resolve);
    }).then(() => this.#serve(grid, request, waiting, tell));
  }

  /** Undefined: not yet. */
  #reply(
    grid: EntryGrid,
    request: KeyRequest,
    at: number,
    tell: (at: number, reply: Reply | Error) => void,
  ): Reply | typeof underWay | undefined {
    const slot = request.slots[at] ?? '';
    if (grid.closed) return retry;
    if (!grid.held.has(slot)) {
      const reply = this.#replyForOthers(grid, request, slot);
      // It may just have been restored.
      if (!grid.held.has(slot)) return reply;
    }
    const isChange = request.operation !== MessageType.GET_ENTRIES_REQUEST;
    if (isChange && grid.settling.has(slot)) return undefined;
    const before = grid.held.get(slot) ?? '';
    const done: Reply = { type: 'done', value: before };
    switch (request.operation) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        grid.held.set(slot, request.values[at] ?? '');
        grid.held.write([slot], (error) => tell(at, error ?? done));
        break;
      case MessageType.DELETE_ENTRIES_REQUEST:
      case MessageType.REMOVE_ENTRIES_REQUEST:
        grid.held.delete(slot);
        // At once, whatever others wait for: until its deletion is under way, a key would look as if nobody had ever held it.
        grid.held.spreadDeletion([slot]).then(
          () => tell(at, done),
          (error: Error) => tell(at, error),
        );
        break;
      default:
        return done;
    }
    if (request.from !== grid.self) this.changed(request.operation, slot, before, request.values[at]);
    return underWay;
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
