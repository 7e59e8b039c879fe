import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { EntryGrid } from './entry-grid.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import type { Patience } from './patience.js';
import type { Participant } from './view.js';
import { type Collector, isRead, type WholeOperation } from './whole-grid-calls.js';

/** What a participant does when it is asked, with the entries that it holds. */
export interface HeldEntriesService {
  /** Those with these keys, or all. */
  entries(grid: EntryGrid, keys: readonly string[] | undefined): Iterable<readonly [slot: string, value: string]>;
  /** Takes out those with these keys, or all. Resolves, when that is acknowledged, with what they were; for all of them with nothing. */
  takeOut(
    grid: EntryGrid,
    keys: readonly string[] | undefined,
  ): Promise<readonly (readonly [slot: string, value: string])[]>;
}

const entriesATurn = 1024;

/** Answers for what is held here, once everything is restored that has to be, so that no entry is between two holders. */
export class WholeGridService {
  readonly #parked = new Set<() => void>();

  constructor(
    private readonly held: HeldEntriesService,
    private readonly limits: MessageLimits,
  ) {}

  /** Whether this participant knows all in that epoch, which is the latest. */
  isSettled(grid: EntryGrid, epoch: number): boolean {
    return !grid.closed && epoch === grid.view.epoch && grid.restoring.restored;
  }

  /** Resolves with whether this participant knows all in that epoch; false in a later one, or when nobody waits for it any more. */
  async settled(grid: EntryGrid, epoch: number, wait?: Patience): Promise<boolean> {
    const isUnknown = () => epoch > grid.view.epoch || (epoch === grid.view.epoch && !grid.restoring.restored);
    while (!grid.closed && wait?.ended !== true && isUnknown()) await this.#parkedUntil(wait);
    return wait?.ended !== true && !grid.closed && epoch === grid.view.epoch;
  }

  wake(): void {
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const resolve of parked) resolve();
  }

  async answer(grid: EntryGrid, from: Participant, request: HamokMessage): Promise<void> {
    const { requestId, type = -1 } = request;
    const send = (message: HamokMessage, lastMessage: boolean): void => {
      message.requestId = requestId;
      message.lastMessage = lastMessage;
      grid.streams.send(from, message);
    };
    const answer = new HamokMessage({ type: MessageType.GET_ENTRIES_RESPONSE, success: true });
    const operation = request.keys.length === 0 ? { type } : { type, keys: request.keys.map(byteString) };
    if (!(await this.settled(grid, request.storageEpoch ?? -1))) answer.success = false;
    else if (type === MessageType.GET_SIZE_REQUEST) answer.storageSize = grid.held.size;
    else await this.#sendEntries(grid, from, operation, (part) => send(part, false));
    send(answer, true);
  }

  /** The same for this participant's own call. */
  async collect(grid: EntryGrid, operation: WholeOperation, collector: Collector): Promise<void> {
    if (operation.type === MessageType.GET_SIZE_REQUEST) return collector.size?.(grid.held.size);
    const { keys } = operation;
    const entries = isRead(operation) ? this.held.entries(grid, keys) : await this.held.takeOut(grid, keys);
    for (const [slot, value] of entries)
      collector.part?.([slot], operation.type === MessageType.GET_KEYS_REQUEST ? [] : [value]);
  }

  #parkedUntil(wait: Patience | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#parked.add(resolve);
      wait?.whenOver(() => {
        this.#parked.delete(resolve);
        resolve();
      });
    });
  }

  async #sendEntries(
    grid: EntryGrid,
    to: Participant,
    operation: WholeOperation,
    send: (part: HamokMessage) => void,
  ): Promise<void> {
    const batch = new EntryBatch(MessageType.GET_ENTRIES_RESPONSE, this.limits, send);
    const withValues = operation.type !== MessageType.GET_KEYS_REQUEST;
    let count = 0;
    // What is added meanwhile stands behind: it would not end while it comes faster than it goes.
    const { size } = grid.held;
    const { keys } = operation;
    const entries = isRead(operation) ? this.held.entries(grid, keys) : await this.held.takeOut(grid, keys);
    for (const [slot, value] of entries) {
      if (count > size && isRead(operation)) break;
      batch.add(slot, withValues ? value : undefined);
      if (++count % entriesATurn === 0) await grid.streams.to(to)?.drained();
    }
    batch.flush();
  }
}
