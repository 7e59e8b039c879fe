import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import type { EntryGrid } from './entry-grid.js';
import { EntryBatch } from './entry-messages.js';
import type { GridCalls } from './grid-calls.js';
import type { GridCallOptions } from './grid-storage-options.js';
import type { MessageLimits } from './held-entries.js';
import { ongoingIntervalInMs } from './ongoing-requests.js';
import type { Participation } from './participation.js';
import type { Patience } from './patience.js';
import { Departure, type Requests } from './requests.js';
import type { Participant, View } from './view.js';
import type { WholeGridService } from './whole-grid-service.js';

/** What every participant is asked for. With keys it is about these, else about all that a participant holds. */
export interface WholeOperation {
  readonly type: MessageType;
  /** As the program's codec encodes them. */
  readonly keys?: readonly string[];
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
  readonly patience: Patience;
  /** Who was asked, in the epoch that counts, and has not answered. */
  readonly missing: Set<string>;
  /** When each of them said last that it works on it. */
  readonly workedOnAt: Map<string, number>;
  /** Whether anybody was asked, ever. */
  exposed: boolean;
}

/** Who has said nothing for so long does not work on it. */
const silentAfterInMs = 2 * ongoingIntervalInMs;

/** Asks every participant, in one epoch: when it ends meanwhile, all over again. */
export class WholeGridCalls {
  constructor(
    private readonly calls: GridCalls,
    private readonly participation: Participation,
    private readonly service: WholeGridService,
    private readonly requests: Requests,
    private readonly limits: MessageLimits,
    private readonly clock: Clock,
  ) {}

  /** A change waits for the calls before it, which without keys are all, and those after it wait for it; a read waits only for changes. */
  async ask(operation: WholeOperation, options: GridCallOptions | undefined, collector: Collector): Promise<void> {
    const patience = this.calls.begin(options);
    const call = wholeCall(operation, collector, patience);
    const run = (): Promise<void> => this.run(call);
    const isChange = !isRead(operation);
    const running = isChange
      ? this.calls.inTurn(operation.keys, patience, run)
      : this.calls.afterChanges(operation.keys, patience, run);
    const ended = this.calls.end(running, patience, {
      unanswered: (cause) =>
        isChange
          ? this.calls.unchanged(this.#silent(call), call.exposed, cause)
          : this.calls.unreadable(call.missing, cause),
      exposed: () => isChange && call.exposed,
    });
    await this.calls.orPartial(ended, () => call.missing, options);
  }

  /** Resolves when all have answered, or the call's time is over. */
  async run(call: WholeCall): Promise<void> {
    while (!call.patience.ended) {
      const grid = this.participation.grid ?? (await this.participation.joined());
      const { view } = grid;
      call.missing.clear();
      call.collector.restart();
      if (await this.#attempt(grid, view, call)) return;
    }
  }

  async #attempt(grid: EntryGrid, view: View, call: WholeCall): Promise<boolean> {
    // At once where that can be: what this member changes from here on comes behind it.
    const isSettled = this.service.isSettled(grid, view.epoch) || (await this.service.settled(grid, view.epoch));
    if (!isSettled) return false;
    if (call.patience.ended) return false;
    call.exposed = true;
    for (const { member } of view.participants) call.missing.add(member);
    const asked = view.participants.map(async (participant) => {
      if (participant === grid.self) await this.service.collect(grid, call.operation, call.collector);
      else if (!(await this.#ask(grid, participant, call))) return false;
      call.missing.delete(participant.member);
      return true;
    });
    const answered = await Promise.all(asked);
    return answered.every(Boolean) && grid.view === view && !grid.closed;
  }

  async #ask(grid: EntryGrid, to: Participant, call: WholeCall): Promise<boolean> {
    try {
      const prolong = (): void => {
        call.patience.prolong();
        call.workedOnAt.set(to.member, this.clock.now());
      };
      const answers = this.#requestsFor(call.operation).map((request) =>
        this.requests.ask(grid, to, request, prolong, ({ keys, values }) => {
          prolong();
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

  /** Those whose part is missing, but for who works on it: a change waits there for somebody else who keeps copies. */
  #silent({ missing, workedOnAt }: WholeCall): ReadonlySet<string> {
    const since = this.clock.now() - silentAfterInMs;
    return new Set([...missing].filter((member) => (workedOnAt.get(member) ?? since) <= since));
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

export function wholeCall(operation: WholeOperation, collector: Collector, patience: Patience): WholeCall {
  return { operation, collector, patience, missing: new Set(), workedOnAt: new Map(), exposed: false };
}

export function isRead({ type }: WholeOperation): boolean {
  return (
    type === MessageType.GET_SIZE_REQUEST ||
    type === MessageType.GET_KEYS_REQUEST ||
    type === MessageType.GET_ENTRIES_REQUEST
  );
}
