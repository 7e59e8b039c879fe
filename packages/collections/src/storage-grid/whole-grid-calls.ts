import { HamokMessage, MessageType } from '@hamok/messages';
import { byteString } from '../bytes/byte-string.js';
import type { Clock } from '../clock.js';
import type { EntryGrid } from './entry-grid.js';
import { EntryBatch } from './entry-messages.js';
import type { GridCalls } from './grid-calls.js';
import type { GridCallOptions } from './grid-storage-options.js';
import type { MessageLimits } from './held-entries.js';
import type { Participation } from './participation.js';
import type { Patience } from './patience.js';
import { Progress } from './progress.js';
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
  readonly missing: Map<Participant, Progress>;
  /** Whether anybody was asked, ever. */
  exposed: boolean;
}

const never = Number.NEGATIVE_INFINITY;

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
    const isChange = !isRead(operation);
    if (isChange) this.calls.requireRoom(() => this.participation.grid?.view.participants ?? []);
    const call = wholeCall(operation, collector, patience);
    const run = (): Promise<void> => this.run(call);
    const running = isChange
      ? this.calls.inTurn(operation.keys, patience, run)
      : this.calls.afterChanges(operation.keys, patience, run);
    const ended = this.calls.end(running, patience, {
      unanswered: (cause) => {
        const silent = this.silent(call);
        if (isChange) return this.calls.unchanged(silent, call.exposed, cause);
        return this.calls.unreadable(silent.size > 0 ? silent : call.missing.keys(), cause);
      },
      exposed: () => isChange && call.exposed,
      workedOnAt: () => this.workedOnAt(call, options?.onMissing !== undefined),
      stuckWith: () => this.stuckWith(call),
    });
    await this.calls.orPartial(ended, () => call.missing.keys(), options);
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
    const isSettled =
      this.service.isSettled(grid, view.epoch) || (await this.service.settled(grid, view.epoch, call.patience));
    if (!isSettled) return false;
    if (call.patience.ended) return false;
    call.exposed = true;
    for (const participant of view.participants) call.missing.set(participant, new Progress());
    const asked = view.participants.map(async (participant) => {
      if (participant === grid.self) await this.service.collect(grid, call.operation, call.collector);
      else if (!(await this.#ask(grid, participant, call))) return false;
      call.missing.delete(participant);
      return true;
    });
    const answered = await Promise.all(asked);
    return answered.every(Boolean) && grid.view === view && !grid.closed;
  }

  async #ask(grid: EntryGrid, to: Participant, call: WholeCall): Promise<boolean> {
    try {
      // What is answered to a read that nobody waits for matters to nobody; and where very much waits for an answer, it is not asked for.
      const ending = isRead(call.operation) ? call.patience : undefined;
      if (ending !== undefined && grid.streams.to(to)?.isStuck === true) return await over(ending);
      const told = (waitsFor: readonly Participant[]): void => call.missing.get(to)?.told(this.clock.now(), waitsFor);
      const part = ({ keys, values }: HamokMessage): void => {
        told([]);
        call.collector.part?.(keys.map(byteString), values.map(byteString));
      };
      const answers = this.#requestsFor(call.operation).map((request) =>
        this.requests.ask(grid, to, request, { told, part, ending }),
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

  /** Because of whom parts are missing: not of those who work on theirs, or wait for others. */
  silent({ missing }: WholeCall): ReadonlySet<Participant> {
    const now = this.clock.now();
    return new Set([...missing].flatMap(([one, progress]) => this.#own(one)?.silent() ?? progress.silent(one, now)));
  }

  /** Because of whom it is not carried out, though nobody waits for it any more. */
  stuckWith(call: WholeCall): Iterable<Participant> {
    const silent = this.silent(call);
    return silent.size > 0 ? silent : (this.participation.grid?.silent() ?? []);
  }

  /**
   * When all others whose parts are missing said last that they work on theirs, or, where a part will do, any of them. What is done here
   * gives a call no more time, and none is left where that waits for somebody who is silent.
   */
  workedOnAt({ missing }: WholeCall, isPartEnough: boolean): number {
    const times: number[] = [];
    for (const [one, progress] of missing) {
      const own = this.#own(one);
      if (own === undefined) times.push(progress.workedOnAt);
      else if (own.silent().length > 0) times.push(never);
    }
    if (times.length === 0) return never;
    return isPartEnough ? Math.max(...times) : Math.min(...times);
  }

  #own(participant: Participant): EntryGrid | undefined {
    const { grid } = this.participation;
    return grid?.self === participant ? grid : undefined;
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

/** False, when nobody waits any more. */
function over(patience: Patience): Promise<false> {
  return new Promise((resolve) => {
    patience.whenOver(() => resolve(false));
  });
}

export function wholeCall(operation: WholeOperation, collector: Collector, patience: Patience): WholeCall {
  return { operation, collector, patience, missing: new Map(), exposed: false };
}

export function isRead({ type }: WholeOperation): boolean {
  return (
    type === MessageType.GET_SIZE_REQUEST ||
    type === MessageType.GET_KEYS_REQUEST ||
    type === MessageType.GET_ENTRIES_REQUEST
  );
}
