import type { Storage, StorageEvents } from '../../storage/storage.js';
import { equal } from '../check.js';

/** The keys that the suite uses: what JSON holds. */
export type SuiteKey = string | number | boolean | null | readonly SuiteKey[] | { readonly [name: string]: SuiteKey };
/** The values that the suite uses: what JSON holds. */
export type SuiteValue = SuiteKey;

export type SuiteStorage = Storage<SuiteKey, SuiteValue>;

export interface StorageUnderTest {
  /** Without entries. Its codecs hold whatever JSON does, and refuse `undefined`. */
  readonly storage: SuiteStorage;
  /** Another one, with another id, that keeps its entries in the same place: what is done to one must not show in the other. */
  readonly beside?: SuiteStorage;
  /** Resolves when the listeners have been told of everything that was done. Default: they have when a call resolves. */
  settled?(): Promise<void>;
  /** Lets so many ms pass for the storage, and tells what ends meanwhile. Needed where entries end: see the suite's `lifespan`. */
  passTime?(ms: number): Promise<void>;
  /** Lets go of everything. Called after each test, whether or not the storage was closed in it. */
  close?(): Promise<void>;
}

export type StorageTest = (
  name: string,
  body: (storage: SuiteStorage, under: Required<Pick<StorageUnderTest, 'settled'>> & StorageUnderTest) => Promise<void>,
) => void;

/** The events of a storage from now on, each with its arguments. */
export function recordEvents(storage: SuiteStorage): unknown[][] {
  const seen: unknown[][] = [];
  const names: readonly (keyof StorageEvents<SuiteKey, SuiteValue>)[] = [
    'created',
    'updated',
    'deleted',
    'expired',
    'evicted',
    'restored',
    'cleared',
    'closed',
  ];
  for (const name of names) storage.events.on(name, (...details: unknown[]) => void seen.push([name, ...details]));
  return seen;
}

/** Compares what has no particular order. */
export function equalInAnyOrder(actual: Iterable<unknown>, expected: Iterable<unknown>, what: string): void {
  equal(ordered(actual), ordered(expected), what);
}

function ordered(items: Iterable<unknown>): unknown[] {
  const byText = Array.from(items, (item) => [JSON.stringify(item), item] as const);
  return byText.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}

export async function contentOf(storage: SuiteStorage): Promise<(readonly [SuiteKey, SuiteValue])[]> {
  const content: (readonly [SuiteKey, SuiteValue])[] = [];
  for await (const entry of storage) content.push(entry);
  return content;
}

/** Entries, from keys and values in turn. */
export function entries(...turns: readonly SuiteKey[]): [SuiteKey, SuiteValue][] {
  return turns.flatMap((key, i) => (i % 2 === 0 ? [[key, turns[i + 1] as SuiteValue]] : []));
}
