import type { BatchOptions, CallOptions } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import {
  checkLinearizable,
  History,
  type MapInput,
  type MapOutput,
  mapModel,
  type Operation,
} from '../../linearizability/index.js';
import type { SeededRandom } from '../../random.js';
import type { MonotonicReads } from '../invariants/monotonic-reads.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { type Ending, record } from './calls.js';
import type { Client } from './client.js';
import { keys, mapOf } from './collections.js';
import { patience } from './patience.js';
import { served } from './served.js';
import type { Values } from './values.js';

const mix = ['set', 'set', 'get', 'get', 'insert', 'updateIf', 'compareAndSet', 'delete', 'removeIf', 'batch'] as const;
const batches = ['setAll', 'setAll', 'insertAll', 'deleteAll', 'removeAll', 'clear'] as const;

/** An input, and the grid in which it had its outcome. */
interface Placed {
  readonly input: MapInput;
  gridId?: string | undefined;
}

/** Uses a map, at whatever process. What it was told has to be linearizable; what it reads locally never goes back. */
export class MapClient implements Client {
  readonly weight = 4;
  readonly #history = new History<Placed, MapOutput>();

  constructor(
    private readonly values: Values,
    private readonly reads: MonotonicReads,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const key = random.pick(keys) ?? '';
    const value = this.values.next();
    const map = mapOf(process);
    const options = patience(process, random);
    const { value: old, revision } = map.entry(key) ?? {};
    this.reads.saw(process, key, revision);
    switch (random.pick(mix)) {
      case 'insert':
        return this.#record(process, { type: 'insert', key, value }, map.insert(key, value, options), options);
      case 'updateIf':
        if (old === undefined)
          return this.#record(process, { type: 'insert', key, value }, map.insert(key, value, options), options);
        return this.#record(
          process,
          { type: 'updateIf', key, value, oldValue: old },
          map.updateIf(key, value, old, options),
          options,
        );
      case 'compareAndSet': {
        const input = { type: 'compareAndSet', key, value, read: old } as const;
        return this.#record(process, input, map.compareAndSet(key, value, revision, options), options);
      }
      case 'removeIf':
        if (old === undefined) return this.#record(process, { type: 'delete', key }, map.delete(key, options), options);
        return this.#record(
          process,
          { type: 'removeIf', key, oldValue: old },
          map.removeIf(key, old, options),
          options,
        );
      case 'delete':
        return this.#record(process, { type: 'delete', key }, map.delete(key, options), options);
      case 'batch':
        return this.#batch(process, random, options);
      case 'get':
        return this.#read(process, key, options);
      default:
        return this.#setAndLook(process, key, value, random, options);
    }
  }

  /** Who is told of a change may tell another, who then has to see it. */
  async #setAndLook(
    process: Process,
    key: string,
    value: string,
    random: SeededRandom,
    options: CallOptions,
  ): Promise<void> {
    const { type } = await this.#set(process, key, value, options);
    const other = random.pick(process.world.serving);
    if (type === 'acknowledged' && random.chance(0.4)) other?.act(() => void this.#read(other, key));
  }

  /** Every member takes a write, and reads what all were promised. */
  async settle(world: World): Promise<void> {
    const [key = ''] = keys;
    for (const process of world.running) await served(process, 'write', this.#set(process, key, this.values.next()));
    for (const process of world.running)
      for (const each of keys) await served(process, `read of ${each}`, this.#read(process, each));
    const verdict = checkLinearizable(mapModel, this.#operations(world));
    if (verdict.outcome === 'refuted') throw new Violation('linearizable map', verdict.message, verdict.at);
    if (verdict.outcome === 'undecided') world.counters.undecidedHistories++;
  }

  #set(process: Process, key: string, value: string, options: CallOptions = {}): Promise<Ending<MapOutput>> {
    return this.#record(process, { type: 'set', key, value }, mapOf(process).set(key, value, options), options);
  }

  #read(process: Process, key: string, options: CallOptions = {}): Promise<Ending<MapOutput>> {
    return this.#record(process, { type: 'get', key }, mapOf(process).read(key, options), options);
  }

  /** Of each key what it does to that one is taken down. */
  async #batch(process: Process, random: SeededRandom, options: CallOptions): Promise<unknown> {
    const map = mapOf(process);
    const some = random.shuffled(keys).slice(0, 2);
    // In parts, each of which is a change by itself.
    const batched = random.chance(0.3) ? { ...options, atomic: false } : options;
    switch (random.pick(batches)) {
      case 'deleteAll':
        return this.#recordAll(
          process,
          `map deleteAll(${some})`,
          some.map((key) => ({ type: 'delete', key })),
          map.deleteAll(some, batched),
          (deleted, { key }) => deleted.has(key),
          options,
        );
      case 'removeAll':
        return this.#recordAll(
          process,
          `map removeAll(${some})`,
          some.map((key) => ({ type: 'remove', key })),
          map.removeAll(some, batched),
          (removed, { key }) => removed.get(key),
          options,
        );
      case 'clear':
        return this.#recordAll(
          process,
          'map clear()',
          keys.map((key) => ({ type: 'clear', key })),
          map.clear(options),
          () => undefined,
          options,
        );
      case 'insertAll':
        return this.#writeAll(process, 'insert', some, batched);
      default:
        return this.#writeAll(process, 'set', some, batched);
    }
  }

  #writeAll(process: Process, type: 'set' | 'insert', some: readonly string[], options: CallOptions): Promise<unknown> {
    const map = mapOf(process);
    const inputs = some.map((key) => ({ type, key, value: this.values.next() }));
    const entries = inputs.map(({ key, value }): [string, string] => [key, value]);
    const call = type === 'set' ? map.setAll(entries, options) : map.insertAll(entries, options);
    const what = `map ${type}All(${entries.map(([key, value]) => `${key} ${value}`)})`;
    return this.#recordAll(process, what, inputs, call, (before, { key }) => before.get(key), options);
  }

  #record(
    process: Process,
    input: MapInput,
    call: Promise<MapOutput>,
    options: CallOptions,
  ): Promise<Ending<MapOutput>> {
    const what = `map ${mapModel.describeInput(input)}`;
    return this.#recordAll(process, what, [input], call, (output) => output, options);
  }

  /** What one call does to several keys, each with its own output. */
  #recordAll<Result>(
    process: Process,
    what: string,
    inputs: readonly MapInput[],
    call: Promise<Result>,
    outputOf: (result: Result, input: MapInput) => MapOutput,
    options: BatchOptions,
  ): Promise<Ending<Result>> {
    const opened = inputs.map((input) => {
      const placed: Placed = { input };
      return { placed, open: this.#history.invoke(process.name, placed, process.world.queue.now) };
    });
    const all = {
      refused: () => {
        for (const { open } of opened) open.refused();
      },
      returned: (result: Result, time: number) => {
        for (const { placed, open } of opened) {
          placed.gridId = process.gridId;
          open.returned(outputOf(result, placed.input), time);
        }
      },
    };
    const value =
      options.atomic === false ? undefined : inputs.flatMap((input) => ('value' in input ? input.value : [])).at(0);
    return record(process, what, all, call, (result) => result, { ...options, value });
  }

  /** Each grid has a map of its own. What nobody knows the outcome of may have happened in any. */
  #operations({ running }: World): Operation<MapInput, MapOutput>[] {
    const grids = new Set(running.map(({ gridId }) => gridId));
    return this.#history.operations.flatMap((operation) => {
      const { input, gridId } = operation.input;
      const places = operation.returned ? [gridId] : [...grids];
      return places.map((place) => ({ ...operation, input: { ...input, key: `${input.key} in ${place}` } }));
    });
  }
}
