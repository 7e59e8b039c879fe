import type { CallOptions } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import { checkLinearizable, History, type MapInput, type MapOutput, mapModel } from '../../linearizability/index.js';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { type Ending, record } from './calls.js';
import type { Client } from './client.js';
import { remoteKeys, remoteMapOf } from './collections.js';
import { patience } from './patience.js';
import { served } from './served.js';
import type { Values } from './values.js';

const mix = ['set', 'set', 'get', 'get', 'insert', 'updateIf', 'delete', 'removeIf', 'batch', 'batch'] as const;
const batches = ['setAll', 'setAll', 'insertAll', 'getAll', 'deleteAll', 'removeAll', 'clear'] as const;

/**
 * Uses a map whose entries are in a database with transactions, at whatever process: reads go there, changes are made by whoever leads, each
 * once. What it was told has to be linearizable.
 */
export class RemoteMapClient implements Client {
  readonly weight = 1;
  readonly #history = new History<MapInput, MapOutput>();
  /** A value that each key had lately. */
  readonly #lately = new Map<string, string>();

  constructor(private readonly values: Values) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const map = remoteMapOf(process);
    const options = patience(process, random);
    const key = random.pick(remoteKeys) ?? '';
    const value = this.values.next();
    const oldValue = this.#lately.get(key) ?? 'none';
    switch (random.pick(mix)) {
      case 'get':
        return this.#read(process, key);
      case 'insert':
        return this.#record(process, { type: 'insert', key, value }, map.insert(key, value, options), options);
      case 'updateIf': {
        const call = map.updateIf(key, value, oldValue, options);
        return this.#record(process, { type: 'updateIf', key, value, oldValue }, call, options);
      }
      case 'removeIf':
        return this.#record(
          process,
          { type: 'removeIf', key, oldValue },
          map.removeIf(key, oldValue, options),
          options,
        );
      case 'delete':
        return this.#record(process, { type: 'delete', key }, map.delete(key, options), options);
      case 'batch':
        return this.#batch(process, random, options);
      default:
        return this.#set(process, key, value, options);
    }
  }

  /** Every member takes a write, and reads what all were promised. */
  async settle(world: World): Promise<void> {
    const [key = ''] = remoteKeys;
    for (const process of world.running)
      await served(process, 'write of the remote map', this.#set(process, key, this.values.next()));
    for (const process of world.running)
      for (const each of remoteKeys) await served(process, `read of ${each} there`, this.#read(process, each));
    const verdict = checkLinearizable(mapModel, this.#history.operations);
    if (verdict.outcome === 'refuted') throw new Violation('linearizable remote map', verdict.message, verdict.at);
    if (verdict.outcome === 'undecided') world.counters.undecidedHistories++;
  }

  #set(process: Process, key: string, value: string, options: CallOptions = {}): Promise<Ending<MapOutput>> {
    this.#lately.set(key, value);
    return this.#record(process, { type: 'set', key, value }, remoteMapOf(process).set(key, value, options), options);
  }

  #read(process: Process, key: string): Promise<Ending<MapOutput>> {
    return this.#record(process, { type: 'get', key }, remoteMapOf(process).get(key));
  }

  /** Of each key what it does to that one is taken down. */
  #batch(process: Process, random: SeededRandom, options: CallOptions): Promise<unknown> {
    const map = remoteMapOf(process);
    const some = random.shuffled(remoteKeys).slice(0, 2);
    const type = random.pick(batches) ?? 'getAll';
    switch (type) {
      case 'setAll':
      case 'insertAll': {
        const kind = type === 'setAll' ? 'set' : 'insert';
        const inputs = some.map((key) => ({ type: kind, key, value: this.values.next() }) as const);
        const entries = inputs.map(({ key, value }) => [key, value] as const);
        for (const [key, value] of entries) this.#lately.set(key, value);
        const call = map[type](entries, options);
        return this.#recordAll(process, `${type}(${entries})`, inputs, call, (r, { key }) => r.get(key), options);
      }
      case 'deleteAll': {
        const inputs = some.map((key) => ({ type: 'delete', key }) as const);
        const call = map.deleteAll(some, options);
        return this.#recordAll(process, `deleteAll(${some})`, inputs, call, (r, { key }) => r.has(key), options);
      }
      case 'removeAll': {
        const inputs = some.map((key) => ({ type: 'remove', key }) as const);
        const call = map.removeAll(some, options);
        return this.#recordAll(process, `removeAll(${some})`, inputs, call, (r, { key }) => r.get(key), options);
      }
      case 'clear': {
        const inputs = remoteKeys.map((key) => ({ type: 'clear', key }) as const);
        return this.#recordAll(process, 'clear()', inputs, map.clear(options), () => undefined, options);
      }
      default: {
        const inputs = some.map((key) => ({ type: 'get', key }) as const);
        return this.#recordAll(process, `getAll(${some})`, inputs, map.getAll(some), (r, { key }) => r.get(key), {});
      }
    }
  }

  #record(
    process: Process,
    input: MapInput,
    call: Promise<MapOutput>,
    options: CallOptions = {},
  ): Promise<Ending<MapOutput>> {
    return this.#recordAll(process, mapModel.describeInput(input), [input], call, (output) => output, options);
  }

  /** What one call does to several keys, each with its own output. */
  #recordAll<Result>(
    process: Process,
    what: string,
    inputs: readonly MapInput[],
    call: Promise<Result>,
    outputOf: (result: Result, input: MapInput) => MapOutput,
    options: CallOptions,
  ): Promise<Ending<Result>> {
    const opened = inputs.map((input) => ({
      input,
      open: this.#history.invoke(process.name, input, process.world.queue.now),
    }));
    const all = {
      refused: () => {
        for (const { open } of opened) open.refused();
      },
      returned: (result: Result, time: number) => {
        for (const { input, open } of opened) open.returned(outputOf(result, input), time);
      },
    };
    return record(process, `remote map ${what}`, all, call, (result) => result, options);
  }
}
