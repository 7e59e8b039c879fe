import { Violation } from '../../invariants/invariant.js';
import {
  checkLinearizable,
  History,
  type QueueInput,
  type QueueOutput,
  queueModel,
} from '../../linearizability/index.js';
import type { SeededRandom } from '../../random.js';
import { operationsBefore } from '../invariants/history-before.js';
import { Items } from '../invariants/items.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { type CallFacts, type Ending, record } from './calls.js';
import type { Client } from './client.js';
import { lineOf } from './collections.js';
import { patience } from './patience.js';
import type { Values } from './values.js';

const queue = 'line';
const mostSteps = 20_000;

/**
 * Pushes and pops. An item that was pushed is popped once, or is still there, or went to a pop whose outcome nobody knows. Up to the
 * first such pop, what it was told has to be linearizable: a pop that ended without an answer puts its item back at the head.
 */
export class LineClient implements Client {
  readonly weight = 2;
  readonly #history = new History<QueueInput, QueueOutput>();
  readonly #items = new Items('an item to one taker');
  /** Pops that have not ended, or in a way that tells nothing, with who asked. */
  readonly #open = new Set<{ readonly process: Process; readonly member: string | undefined }>();

  constructor(
    private readonly values: Values,
    /** Whether it waits for items. Who waits and gives up may hold an item for a moment, so there is no plain order then. */
    private readonly waits: boolean,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const line = lineOf(process);
    if (random.chance(0.42)) return this.#push(process, random.chance(0.15) ? 3 : 1);
    if (!this.waits || random.chance(0.6)) {
      const options = patience(process, random);
      return this.#pop(process, 'pop', line.pop(options), options);
    }
    const options = { timeoutInMs: random.between(50, 3000) };
    return this.#pop(process, 'wait', line.pop({ wait: true, ...options }), options);
  }

  async settle(world: World): Promise<void> {
    const [process] = world.running;
    if (!process) return;
    // Who is still there has put back what came for callers who had gone.
    const gone = [...this.#open].filter(({ process, member }) => process.isDead || process.member !== member);
    this.#items.account([...lineOf(process)], gone.length);
    if (this.waits) return;
    const verdict = checkLinearizable(queueModel, operationsBefore(this.#history.operations, isOpenPop), mostSteps);
    if (verdict.outcome === 'refuted') throw new Violation('linearizable queue', verdict.message, verdict.at);
    if (verdict.outcome === 'undecided') world.counters.undecidedHistories++;
  }

  async #push(process: Process, count: number): Promise<void> {
    const items = Array.from({ length: count }, () => this.values.next());
    const input = { type: 'push', queue, items } as const;
    const open = this.#history.invoke(process.name, input, process.world.queue.now);
    const call = lineOf(process).pushAll(items);
    const ending = await record(process, `line push(${items})`, open, call, () => undefined, { value: items[0] });
    if (ending.type === 'acknowledged') this.#items.pushed(items);
    if (ending.type === 'refused') this.#items.neverPushed(items);
  }

  async #pop(
    process: Process,
    type: 'pop' | 'wait',
    call: Promise<string | undefined>,
    options: CallFacts,
  ): Promise<void> {
    const open = this.#history.invoke(process.name, { type, queue }, process.world.queue.now);
    const asked = { process, member: process.member };
    this.#open.add(asked);
    const ending: Ending<QueueOutput> = await record(process, `line ${type}`, open, call, (item) => item, options);
    if (ending.type !== 'unknown') this.#open.delete(asked);
    if (ending.type === 'acknowledged' && ending.result !== undefined)
      process.world.check(() => this.#items.taken(ending.result ?? '', process.name));
  }
}

function isOpenPop({ type }: QueueInput): boolean {
  return type !== 'push';
}
