import { Violation } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { type Ending, follow } from './calls.js';
import type { Client } from './client.js';
import { plainRemoteMapOf, remoteKeys } from './collections.js';
import { patience } from './patience.js';
import { served } from './served.js';
import type { Values } from './values.js';

const mix = [
  'setAll',
  'setAll',
  'insertAll',
  'deleteAll',
  'removeAll',
  'set',
  'get',
  'getAll',
  'getAll',
  'clear',
] as const;

type Entries = ReadonlyMap<string, string>;

/**
 * Uses a map whose entries are in a database without transactions, in batches. Each change is made at least once, and by a leader that was
 * deposed perhaps late: only what somebody wrote is ever there. Once nothing is broken, a change is what it says, and everyone reads it.
 */
export class PlainRemoteMapClient implements Client {
  readonly weight = 1;
  /** What was called for, by key: all of it may be made, or be made again. */
  readonly #written = new Map<string, Set<string>>();

  constructor(private readonly values: Values) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const map = plainRemoteMapOf(process);
    const options = patience(process, random);
    const some = random.shuffled(remoteKeys).slice(0, 2);
    const [key = ''] = some;
    // In parts, each of which is a change by itself.
    const batched = random.chance(0.3) ? { ...options, atomic: false } : options;
    const type = random.pick(mix) ?? 'getAll';
    switch (type) {
      case 'setAll':
      case 'insertAll': {
        const entries = this.#entriesFor(some);
        return this.#seen(process, `${type}(${entries})`, map[type](entries, batched), options);
      }
      case 'set': {
        const [[, value] = ['', '']] = this.#entriesFor([key]);
        const call = map.set(key, value, options).then((before) => entriesOf([key], before));
        return this.#seen(process, `set(${key}, ${value})`, call, options);
      }
      case 'get':
        return this.#seen(
          process,
          `get(${key})`,
          map.get(key).then((value) => entriesOf([key], value)),
        );
      case 'deleteAll':
        return follow(process, `plain remote map deleteAll(${some})`, map.deleteAll(some, batched), options);
      case 'removeAll':
        return this.#seen(process, `removeAll(${some})`, map.removeAll(some, batched), options);
      case 'clear':
        return follow(process, 'plain remote map clear()', map.clear(options), options);
      default:
        return this.#seen(process, 'getAll()', map.getAll(remoteKeys));
    }
  }

  /** Each member makes each change, as the next one reads. */
  async settle(world: World): Promise<void> {
    const { running } = world;
    for (const [at, process] of running.entries()) {
      const other = running[(at + 1) % running.length] ?? process;
      const map = plainRemoteMapOf(process);
      const made = <Result>(what: string, call: Promise<Result>): Promise<Result> =>
        served(process, what, follow(process, `plain remote map ${what}`, call));
      const [all, late] = [this.#entriesFor(remoteKeys), this.#entriesFor(remoteKeys)];
      const [first = '', ...others] = remoteKeys;
      await made('setAll', map.setAll(all));
      await this.#expect(other, all);
      same(process, 'what insertAll finds', await made('insertAll', map.insertAll(late)), all);
      await this.#expect(other, all);
      same(process, 'what removeAll takes', await made('removeAll', map.removeAll([first])), all.slice(0, 1));
      same(process, 'what deleteAll takes', await made('deleteAll', map.deleteAll(remoteKeys)), others);
      await this.#expect(other, []);
      same(process, 'what insertAll finds', await made('insertAll', map.insertAll(late)), []);
      await this.#expect(other, late);
      same(process, 'what setAll replaces', await made('setAll', map.setAll(all)), late);
      await made('clear', map.clear());
      await this.#expect(other, []);
    }
  }

  async #expect(process: Process, entries: readonly (readonly [string, string])[]): Promise<void> {
    const map = plainRemoteMapOf(process);
    const read = follow(process, 'plain remote map getAll', map.getAll(remoteKeys));
    same(process, 'what getAll reads', await served(process, 'getAll', read), entries);
    const size = await served(process, 'size', follow(process, 'plain remote map size', map.size()));
    same(process, 'what size counts', [size], [entries.length]);
  }

  #entriesFor(keys: readonly string[]): [key: string, value: string][] {
    return keys.map((key) => {
      const value = this.values.next();
      this.#written.set(key, (this.#written.get(key) ?? new Set()).add(value));
      return [key, value];
    });
  }

  /** What a call tells that was there was written by somebody. */
  async #seen(
    process: Process,
    what: string,
    call: Promise<Entries>,
    options: Parameters<typeof follow>[3] = {},
  ): Promise<Ending<Entries>> {
    const ending = await follow(process, `plain remote map ${what}`, call, options);
    if (ending.type !== 'acknowledged') return ending;
    for (const [key, value] of ending.result)
      if (!this.#written.get(key)?.has(value))
        process.world.violate(
          new Violation('a batch is what it says', `${process.name} ${what}: nobody wrote ${value} at ${key}`),
        );
    return ending;
  }
}

function entriesOf(keys: readonly string[], value: string | undefined): Entries {
  return new Map(keys.flatMap((key) => (value === undefined ? [] : [[key, value] as const])));
}

function same(process: Process, what: string, found: Iterable<unknown>, expected: Iterable<unknown>): void {
  const [is, should] = [found, expected].map((items) => JSON.stringify([...items].sort()));
  if (is !== should) throw new Violation('a batch is what it says', `${process.name}: ${what} is ${is}, not ${should}`);
}
