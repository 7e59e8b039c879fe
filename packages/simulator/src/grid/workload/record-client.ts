import type { CallOptions } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import {
  checkLinearizable,
  type Fields,
  History,
  type Operation,
  type RecordInput,
  type RecordOutput,
  recordModel,
  textOf,
} from '../../linearizability/index.js';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { type Ending, record } from './calls.js';
import type { Client } from './client.js';
import { fields, recordOf } from './collections.js';
import { patience } from './patience.js';
import { served } from './served.js';
import type { Values } from './values.js';

const mix = [
  'set',
  'insert',
  'delete',
  'updateIf',
  'insertInstance',
  'updateInstanceIf',
  'updateInstanceIf',
  'read',
] as const;
const mostSteps = 20_000;

/** An input, and the grid in which it had its outcome. */
interface Placed {
  readonly input: RecordInput;
  gridId?: string | undefined;
}

/**
 * Changes a record, a field at a time and several, at whatever process. What it was told, and what everyone holds in the end, has to be
 * linearizable.
 */
export class RecordClient implements Client {
  readonly weight = 1;
  readonly #history = new History<Placed, RecordOutput>();

  constructor(private readonly values: Values) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const target = recordOf(process);
    const options = patience(process, random);
    const field = random.pick(fields) ?? '';
    const value = this.values.next();
    const held = target.instance;
    const oldValue = held[field];
    switch (random.pick(mix)) {
      case 'read':
        return this.#read(process);
      case 'insert':
        return this.#record(process, { type: 'insert', field, value }, target.insert(field, value, options), options);
      case 'delete':
        return this.#record(process, { type: 'delete', field }, target.delete(field, options), options);
      case 'updateIf': {
        if (oldValue === undefined) return this.#set(process, field, value, options);
        const call = target.updateIf(field, value, oldValue, options);
        return this.#record(process, { type: 'updateIf', field, value, oldValue }, call, options);
      }
      case 'insertInstance': {
        const given = this.#several(random);
        const call = target.insertInstance(given, options).then((existing) => existing && textOf(existing));
        return this.#record(process, { type: 'insertInstance', fields: given }, call, options);
      }
      case 'updateInstanceIf': {
        const given = this.#several(random);
        const input = { type: 'updateInstanceIf', fields: given, oldFields: held } as const;
        return this.#record(process, input, target.updateInstanceIf(given, held, options), options);
      }
      default:
        return this.#set(process, field, value, options);
    }
  }

  /** Every member takes a write, and reads what all were promised. */
  async settle(world: World): Promise<void> {
    const [field = ''] = fields;
    for (const process of world.running)
      await served(process, 'record write', this.#set(process, field, this.values.next()));
    for (const process of world.running) await served(process, 'read of the record', this.#read(process));
    const verdict = checkLinearizable(recordModel, this.#operations(world), mostSteps);
    if (verdict.outcome === 'refuted') throw new Violation('linearizable record', verdict.message, verdict.at);
    if (verdict.outcome === 'undecided') world.counters.undecidedHistories++;
  }

  #several(random: SeededRandom): Fields {
    const chosen = random.shuffled([...fields]).slice(0, 2);
    return Object.fromEntries(chosen.map((field) => [field, this.values.next()]));
  }

  #set(process: Process, field: string, value: string, options: CallOptions = {}): Promise<Ending<RecordOutput>> {
    const call = recordOf(process).set(field, value, options);
    return this.#record(process, { type: 'set', field, value }, call, options);
  }

  /** Once everything is applied that was committed when it was asked. */
  #read(process: Process): Promise<Ending<RecordOutput>> {
    const call = process.hamok.waitUntilCommitHead().then(() => textOf(recordOf(process).instance));
    return this.#record(process, { type: 'read' }, call);
  }

  #record(
    process: Process,
    input: RecordInput,
    call: Promise<RecordOutput>,
    options: CallOptions = {},
  ): Promise<Ending<RecordOutput>> {
    const placed: Placed = { input };
    const open = this.#history.invoke(process.name, placed, process.world.queue.now);
    const placedIn = (output: RecordOutput): RecordOutput => {
      placed.gridId = process.gridId;
      return output;
    };
    const [value] = 'value' in input ? [input.value] : 'fields' in input ? Object.values(input.fields) : [];
    return record(process, `record ${recordModel.describeInput(input)}`, open, call, placedIn, { ...options, value });
  }

  /** Each grid has a record of its own. What nobody knows the outcome of may have happened in any. */
  #operations({ running }: World): Operation<RecordInput, RecordOutput>[] {
    const grids = new Set(running.map(({ gridId }) => gridId));
    return this.#history.operations.flatMap((operation) => {
      const { input, gridId } = operation.input;
      const places = operation.returned ? [gridId] : [...grids];
      return places.map((place) => ({ ...operation, input: { ...input, record: place } }));
    });
  }
}
