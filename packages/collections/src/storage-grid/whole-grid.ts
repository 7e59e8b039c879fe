import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { EntryGrid } from './entry-grid.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import type { Participation } from './participation.js';
import { Departure, type Requests } from './requests.js';
import type { Participant, View } from './view.js';

/** What every participant is asked for. With keys it is about these, else about all that a participant holds. */
export interface WholeOperation {
  readonly type: MessageType;
  /** As the program's codec encodes them. */
  readonly keys?: readonly string[];
}

/** What a participant does when it is asked, with the entries that it holds. */
export interface HeldEntriesService {
  /** Those with these keys, or all. */
  entries(grid: EntryGrid, keys: readonly string[] | undefined): Iterable<readonly [slot: string, value: string]>;
  /** Takes out those with these keys, or all. Resolves, when that is acknowledged, with what they were; for all of them with nothing. */
  takeOut(
    grid: EntryGrid,
    type: MessageType,
    keys: readonly string[] | undefined,
  ): Promise<readonly (readonly [slot: string, value: string])[]>;
}

/** Takes what one participant answers. */
export interface Collector {
  size?(size: number): void;
  /** Some slots, with their values where those were asked for. */
  part?(slots: readonly string[], values: readonly string[]): void;
  /** What was collected is void, and comes again. */
  restart(): void;
}

export interface WholeCall {
  readonly operation: WholeOperation;
  readonly collector: Collector;
  readonly ended: () => boolean;
  readonly prolong: () => void;
  /** Who has not answered yet. */
  readonly missing: Set<string>;
}

const entriesATurn = 1024;

/** Answers for what is held here, once everything is restored that has to be, so that no entry is between two holders. */
export class WholeGridService {
  #parked: (() => void)[] = [];

  constructor(
    private readonly held: HeldEntriesService,
    private readonly limits: MessageLimits,
  ) {}

  /** Resolves with whether this participant knows all in that epoch; false in a later one. */
  async settled(grid: EntryGrid, epoch: number): Promise<boolean> {
    while (!grid.closed && (epoch > grid.view.epoch || (epoch === grid.view.epoch && !grid.restoring.restored)))
      await new Promise<void>((resolve) => {
        this.#parked.push(resolve);
      });
    return !grid.closed && epoch === grid.view.epoch;
  }

  wake(): void {
    for (const resolve of this.#parked.splice(0)) resolve();
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
  async collect(grid: EntryGrid, { operation, collector }: WholeCall): Promise<void> {
    if (operation.type === MessageType.GET_SIZE_REQUEST) return collector.size?.(grid.held.size);
    for (const [slot, value] of await this.#entries(grid, operation))
      collector.part?.([slot], operation.type === MessageType.GET_KEYS_REQUEST ? [] : [value]);
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
    for (const [slot, value] of await this.#entries(grid, operation)) {
      if (count > size) break;
      batch.add(slot, withValues ? value : undefined);
      if (++count % entriesATurn === 0) await grid.streams.to(to)?.drained();
    }
    batch.flush();
  }

  #entries(
    grid: EntryGrid,
    { type, keys }: WholeOperation,
  ): Iterable<readonly [string, string]> | Promise<Iterable<readonly [string, string]>> {
    const reads = type === MessageType.GET_ENTRIES_REQUEST || type === MessageType.GET_KEYS_REQUEST;
    return reads ? this.held.entries(grid, keys) : this.held.takeOut(grid, type, keys);
  }
}

/** Asks every participant, in one epoch: when it ends meanwhile, all over again. */
export class WholeGridCalls {
  constructor(
    private readonly participation: Participation,
    private readonly service: WholeGridService,
    private readonly requests: Requests,
    private readonly limits: MessageLimits,
  ) {}

  async run(call: WholeCall): Promise<void> {
    while (!call.ended()) {
      const grid = this.participation.grid ?? (await this.participation.joined());
      const { view } = grid;
      call.missing.clear();
      for (const participant of view.participants) call.missing.add(participant.member);
      if (await this.#attempt(grid, view, call)) return;
      call.collector.restart();
    }
  }

  async #attempt(grid: EntryGrid, view: View, call: WholeCall): Promise<boolean> {
    if (!(await this.service.settled(grid, view.epoch))) return false;
    const asked = view.participants.map(async (participant) => {
      if (participant === grid.self) await this.service.collect(grid, call);
      else if (!(await this.#ask(grid, participant, call))) return false;
      call.missing.delete(participant.member);
      return true;
    });
    const answered = await Promise.all(asked);
    return answered.every(Boolean) && grid.view === view;
  }

  async #ask(grid: EntryGrid, to: Participant, call: WholeCall): Promise<boolean> {
    try {
      const answers = this.#requestsFor(call.operation).map((request) =>
        this.requests.ask(grid, to, request, call.prolong, ({ keys, values }) => {
          call.prolong();
          call.collector.part?.(keys.map(byteString), values.map(byteString));
        }),
      );
      for (const answer of await Promise.all(answers)) {
        if (answer.success !== true) return false;
        if (answer.storageSize !== undefined) call.collector.size?.(answer.storageSize);
      }
      return true;
    } catch (error) {
      if (error instanceof Departure) return false;
      throw error;
    }
  }

  /** One, or, for many keys, as many as their size takes. */
  #requestsFor({ type, keys }: WholeOperation): HamokMessage[] {
    if (keys === undefined) return [new HamokMessage({ type })];
    const requests: HamokMessage[] = [];
    const batch = new EntryBatch(type, this.limits, (request) => void requests.push(request));
    for (const key of keys) batch.add(key);
    batch.flush();
    return requests;
  }
}
