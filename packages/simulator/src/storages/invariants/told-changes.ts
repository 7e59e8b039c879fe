import { Violation } from '../../invariants/invariant.js';
import { Tally } from '../../tally.js';
import type { Call, CallKind } from '../calls.js';
import type { SharedStorage } from '../storages-world.js';
import type { StorageInvariant } from './storage-invariant.js';

/** What one storage told. */
interface Told {
  /** How often each, of those of which its own member was not answered yet, if it asked for them. */
  readonly events: Tally;
  /** Values that it told to be written. */
  readonly written: Set<number>;
}

type Event = 'created' | 'updated' | 'restored' | 'deleted' | 'evicted';

/** By which calls each comes about. Copies of entries are restored without any. */
const causes: Record<Event, readonly CallKind[]> = {
  created: ['set', 'update', 'insert'],
  updated: ['set', 'update'],
  restored: ['set', 'update', 'insert', 'restore'],
  deleted: ['delete'],
  evicted: ['evict'],
};

/** A storage tells what was asked for and nothing else, each value once; and what its own member asked for before that is answered. */
export class ToldChanges implements StorageInvariant {
  readonly name = 'what is done is told';
  readonly source = 'StorageEvents: by calls on it, before they resolve';
  readonly #told = new WeakMap<SharedStorage, Told>();
  /** Kinds of calls, with the values that they write, and with the keys that they take out. */
  readonly #asked = new Set<string>();

  onOpen(storage: SharedStorage, tell: (check: () => void) => void): void {
    const told: Told = { events: new Tally(), written: new Set() };
    this.#told.set(storage, told);
    const { events } = storage;
    for (const event of ['created', 'restored', 'deleted', 'evicted'] as const)
      events.on(event, (key, values) => tell(() => this.#takeIn(told, event, key, values)));
    events.on('updated', (key, before, values) => tell(() => this.#takeIn(told, 'updated', key, values, before)));
    events.on('cleared', () => told.events.add('cleared'));
  }

  onAsked({ kind, keys, entries }: Pick<Call, 'kind' | 'keys' | 'entries'>): void {
    for (const [key, [value]] of entries) this.#asked.add(`${kind} ${key} ${value}`);
    for (const key of keys) this.#asked.add(`${kind} ${key}`);
  }

  onAnswered({ kind, what, storage, entries }: Call, result: unknown): void {
    const told = this.#told.get(storage);
    if (told === undefined || storage.closed) return;
    for (const event of expectedOf(kind, entries, result)) {
      told.events.add(event, -1);
      if ((told.events.counts.get(event) ?? 0) < 0)
        throw new Violation(this.name, `${what} was answered, and not told: ${event}`);
    }
  }

  #takeIn(told: Told, event: Event, key: string, values: readonly number[], before: readonly number[] = []): void {
    told.events.add(textOf(event, key, values, before));
    if (!causes[event].some((kind) => this.#isAskedFor(kind, event, key, values)))
      throw new Violation(this.name, `${event} ${key} [${values}] is told, which nobody asked for`);
    if (event !== 'created' && event !== 'updated') return;
    for (const value of values) {
      if (told.written.has(value)) throw new Violation(this.name, `${event} ${key} [${value}] is told twice`);
      told.written.add(value);
    }
  }

  #isAskedFor(kind: CallKind, event: Event, key: string, values: readonly number[]): boolean {
    if (event === 'deleted' || event === 'evicted') return this.#asked.has(`${kind} ${key}`);
    return values.every((value) => this.#asked.has(`${kind} ${key} ${value}`));
  }
}

/** What its own member was told before a call was answered: of each change. */
function* expectedOf(kind: CallKind, entries: Call['entries'], result: unknown): Generator<string> {
  if (kind === 'clear') yield 'cleared';
  for (const [key, value] of entries) {
    const found = result instanceof Map ? result.get(key) : undefined;
    const isThere = (result instanceof Map || result instanceof Set) && result.has(key);
    const [created, updated] = [textOf('created', key, value), textOf('updated', key, value, found)];
    if (kind === 'set') yield isThere ? updated : created;
    else if (kind === 'insert' && !isThere) yield created;
    else if (kind === 'restore' && isThere) yield textOf('restored', key, value);
    else if (kind === 'delete' && isThere) yield textOf('deleted', key);
    else if (kind === 'evict' && isThere) yield textOf('evicted', key, found);
  }
}

/** What was deleted those who ask for it are not told. */
function textOf(event: Event, key: string, values: readonly number[] = [], before: readonly number[] = []): string {
  return event === 'deleted' ? `deleted ${key}` : `${event} ${key} [${before}] [${values}]`;
}
