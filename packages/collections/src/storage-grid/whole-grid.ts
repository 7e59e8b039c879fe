import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { EntryGrid } from './entry-grid.js';
import { EntryBatch } from './entry-messages.js';
import type { MessageLimits } from './held-entries.js';
import type { Participation } from './participation.js';
import { Departure, type Requests } from './requests.js';
import type { Participant, View } from './view.js';

/** What is asked of every participant about all that it holds. */
export type WholeOperation =
  | MessageType.GET_SIZE_REQUEST
  | MessageType.GET_KEYS_REQUEST
  | MessageType.GET_ENTRIES_REQUEST
  | MessageType.CLEAR_ENTRIES_REQUEST;

/** Takes what one participant answers: how many entries, or some of their slots, perhaps with their values. */
export interface Collector {
  size?(size: number): void;
  part?(slots: readonly string[], values: readonly string[]): void;
  /** What was collected is void, and comes again. */
  restart(): void;
}

export interface WholeCall {
  readonly operation: WholeOperation;
  readonly ended: () => boolean;
  readonly prolong: () => void;
  /** Who has not answered yet. */
  readonly missing: Set<string>;
}

const entriesATurn = 1024;

/** Answers for what is held here, once everything is restored that has to be, so that no entry is between two holders. */
export class WholeGridService {
  #parked: (() => void)[] = [];

  constructor(private readonly limits: MessageLimits) {}

  static asks({ type, keys }: HamokMessage): boolean {
    switch (type) {
      case MessageType.GET_SIZE_REQUEST:
      case MessageType.GET_KEYS_REQUEST:
      case MessageType.CLEAR_ENTRIES_REQUEST:
        return true;
      default:
        return type === MessageType.GET_ENTRIES_REQUEST && keys.length === 0;
    }
  }

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

  async answer(grid: EntryGrid, from: Participant, request: HamokMessage, clear: () => Promise<void>): Promise<void> {
    const { requestId, type } = request;
    const send = (message: HamokMessage, lastMessage: boolean): void => {
      message.requestId = requestId;
      message.lastMessage = lastMessage;
      grid.streams.send(from, message);
    };
    const answer = new HamokMessage({ type: MessageType.GET_ENTRIES_RESPONSE, success: true });
    if (!(await this.settled(grid, request.storageEpoch ?? -1))) answer.success = false;
    else if (type === MessageType.GET_SIZE_REQUEST) answer.storageSize = grid.held.size;
    else if (type === MessageType.CLEAR_ENTRIES_REQUEST) await clear();
    else await this.#sendEntries(grid, from, type === MessageType.GET_ENTRIES_REQUEST, (part) => send(part, false));
    send(answer, true);
  }

  async #sendEntries(
    grid: EntryGrid,
    to: Participant,
    withValues: boolean,
    send: (part: HamokMessage) => void,
  ): Promise<void> {
    const batch = new EntryBatch(MessageType.GET_ENTRIES_RESPONSE, this.limits, send);
    let count = 0;
    // What is added meanwhile stands behind: it would not end while it comes faster than it goes.
    const { size } = grid.held;
    for (const [slot, value] of grid.held.entries()) {
      if (count === size) break;
      batch.add(slot, withValues ? value : undefined);
      if (++count % entriesATurn === 0) await grid.streams.to(to)?.drained();
    }
    batch.flush();
  }
}

/** Asks every participant, in one epoch: when it ends meanwhile, all over again. */
export class WholeGridCalls {
  constructor(
    private readonly participation: Participation,
    private readonly service: WholeGridService,
    private readonly requests: Requests,
  ) {}

  /** @param local does here what the others are asked for */
  async run(call: WholeCall, collector: Collector, local: (grid: EntryGrid) => Promise<void> | void): Promise<void> {
    while (!call.ended()) {
      const grid = this.participation.grid ?? (await this.participation.joined());
      const { view } = grid;
      call.missing.clear();
      for (const participant of view.participants) call.missing.add(participant.member);
      if (await this.#attempt(grid, view, call, collector, local)) return;
      collector.restart();
    }
  }

  async #attempt(
    grid: EntryGrid,
    view: View,
    call: WholeCall,
    collector: Collector,
    local: (grid: EntryGrid) => Promise<void> | void,
  ): Promise<boolean> {
    if (!(await this.service.settled(grid, view.epoch))) return false;
    const asked = view.participants.map(async (participant) => {
      if (participant === grid.self) await local(grid);
      else if (!(await this.#ask(grid, participant, call, collector))) return false;
      call.missing.delete(participant.member);
      return true;
    });
    const answered = await Promise.all(asked);
    return answered.every(Boolean) && grid.view === view;
  }

  async #ask(grid: EntryGrid, to: Participant, call: WholeCall, collector: Collector): Promise<boolean> {
    const request = new HamokMessage({ type: call.operation });
    try {
      const answer = await this.requests.ask(grid, to, request, call.prolong, ({ keys, values }) => {
        call.prolong();
        collector.part?.(keys.map(byteString), values.map(byteString));
      });
      if (answer.success !== true) return false;
      if (answer.storageSize !== undefined) collector.size?.(answer.storageSize);
      return true;
    } catch (error) {
      if (error instanceof Departure) return false;
      throw error;
    }
  }
}
