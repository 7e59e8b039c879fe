import type { HamokMap } from 'hamok';
import { History, type MapInput, type MapOutput } from '../../linearizability/index.js';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import { type Ending, follow } from './calls.js';
import { keys, type Values } from './values.js';

export type SharedMap = HamokMap<string, string>;

const mix = ['set', 'set', 'get', 'get', 'insert', 'updateIf', 'compareAndSet', 'delete', 'removeIf'] as const;

/** Clients of a map, at whatever process, and what they saw of it. */
export class MapClient {
  readonly history = new History<MapInput, MapOutput>();

  constructor(readonly values: Values) {}

  /** The map as a process shows it, before it takes part or later. */
  attach({ hamok }: Process): SharedMap {
    return hamok.getOrCreateMap<string, string>({ mapId: 'map' });
  }

  /** Something at random. */
  call(process: Process, random: SeededRandom): Promise<Ending> {
    const key = random.pick(keys) ?? '';
    const value = this.values.next();
    const map = this.attach(process);
    const old = map.get(key);
    switch (random.pick(mix)) {
      case 'insert':
        return this.#follow(process, { type: 'insert', key, value }, map.insert(key, value));
      case 'updateIf':
        if (old === undefined) return this.#follow(process, { type: 'insert', key, value }, map.insert(key, value));
        return this.#follow(process, { type: 'updateIf', key, value, oldValue: old }, map.updateIf(key, value, old));
      case 'compareAndSet': {
        const { value: read, revision } = map.entry(key) ?? {};
        const input = { type: 'compareAndSet', key, value, read } as const;
        return this.#follow(process, input, map.compareAndSet(key, value, revision));
      }
      case 'removeIf':
        if (old === undefined) return this.#follow(process, { type: 'delete', key }, map.delete(key));
        return this.#follow(process, { type: 'removeIf', key, oldValue: old }, map.removeIf(key, old));
      case 'delete':
        return this.#follow(process, { type: 'delete', key }, map.delete(key));
      case 'get':
        return this.read(process, key);
      default:
        return this.set(process, key, value);
    }
  }

  set(process: Process, key: string, value: string): Promise<Ending> {
    return this.#follow(process, { type: 'set', key, value }, this.attach(process).set(key, value));
  }

  /** A linearizable one. */
  read(process: Process, key: string): Promise<Ending> {
    return this.#follow(process, { type: 'get', key }, this.attach(process).read(key));
  }

  #follow(process: Process, input: MapInput, call: Promise<MapOutput>): Promise<Ending> {
    const { type, ...details } = input;
    const what = `${type}(${Object.values(details).join(', ')})`;
    process.world.note(() => `${process.name} ${what}`);
    const open = this.history.invoke(process.name, input, process.world.queue.now);
    return follow(process, what, call, open, (output) => output);
  }
}
