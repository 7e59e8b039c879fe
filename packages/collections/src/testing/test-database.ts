import type { RemoteStorage } from '../remote-map/remote-map-options.js';
import type { StorageView, TransactionalStorage } from '../storage/transactional-storage.js';

type View<K, V> = RemoteStorage<K, V> & StorageView<K, V>;

/** One call that reached the database: by whom, and which. */
export interface DatabaseCall {
  readonly client: string;
  readonly name: string;
}

/** A database in memory that several members use, whose misfortunes a test decides. Keys are equal when their JSON is. */
export class TestDatabase<K, V> {
  /** Awaited before a call is carried out, which it may keep from happening by throwing. */
  before: (call: DatabaseCall) => Promise<void> | void = () => undefined;
  /** Awaited after a call was carried out. What it throws, its caller gets, though the call has happened. */
  after: (call: DatabaseCall) => Promise<void> | void = () => undefined;
  /** Every change that was made: who made it, and its name. */
  readonly changes: DatabaseCall[] = [];
  #entries = new Map<string, readonly [K, V]>();
  readonly #notes = new Map<string, Uint8Array>();
  #transaction: Promise<void> = Promise.resolve();

  /** What it holds, in the order of insertion. */
  get entries(): (readonly [K, V])[] {
    return [...this.#entries.values()];
  }

  /** A member's way to it. */
  client(name: string): View<K, V> {
    return this.#view(name, () => this.#entries, true);
  }

  /** The same, with transactions. */
  transactionalClient(name: string): View<K, V> & Pick<TransactionalStorage<K, V>, 'transact'> {
    return {
      ...this.client(name),
      transact: (noteName, work) => this.#serially(() => this.#transact(name, noteName, work)),
    };
  }

  async #transact(
    client: string,
    noteName: string,
    work: (entries: StorageView<K, V>, note: Uint8Array | undefined) => Promise<Uint8Array | undefined>,
  ): Promise<void> {
    await this.before({ client, name: 'transact' });
    const entries = new Map(this.#entries);
    const made = this.changes.length;
    const note = await work(
      this.#view(client, () => entries, false),
      this.#notes.get(noteName),
    );
    if (note === undefined) this.changes.length = made;
    else {
      this.#entries = entries;
      this.#notes.set(noteName, note);
    }
    await this.after({ client, name: 'transact' });
  }

  #serially(run: () => Promise<void>): Promise<void> {
    const done = this.#transaction.then(run);
    this.#transaction = done.catch(() => undefined);
    return done;
  }

  #view(client: string, entries: () => Map<string, readonly [K, V]>, hooked: boolean): View<K, V> {
    const place = (key: K): string => JSON.stringify(key);
    const call = async <T>(name: string, isChange: boolean, run: () => T): Promise<T> => {
      if (hooked) await this.before({ client, name });
      const result = run();
      if (isChange) this.changes.push({ client, name });
      if (hooked) await this.after({ client, name });
      return result;
    };
    const getAll = (keys: Iterable<K>): Map<K, V> =>
      new Map(Array.from(keys, (key) => entries().get(place(key))).filter((entry) => entry !== undefined));
    const write = (list: Iterable<readonly [K, V]>): void => {
      for (const entry of list) entries().set(place(entry[0]), entry);
    };
    const setAll = (given: Iterable<readonly [K, V]>): ReadonlyMap<K, V> => {
      const list = [...given];
      const previous = getAll(list.map(([key]) => key));
      write(list);
      return previous;
    };
    const insertAll = (given: Iterable<readonly [K, V]>): ReadonlyMap<K, V> => {
      const list = [...given];
      const existing = getAll(list.map(([key]) => key));
      write(list.filter(([key]) => !entries().has(place(key))));
      return existing;
    };
    const deleteAll = (keys: Iterable<K>): ReadonlySet<K> =>
      new Set([...keys].filter((key) => entries().delete(place(key))));
    return {
      size: () => call('size', false, () => entries().size),
      keys: () => call('keys', false, () => new Set(Array.from(entries().values(), ([key]) => key))),
      get: (key) => call('get', false, () => entries().get(place(key))?.[1]),
      getAll: (keys) => call('getAll', false, () => getAll(keys)),
      set: (key, value) =>
        call(
          'set',
          true,
          () =>
            setAll([[key, value]])
              .values()
              .next().value,
        ),
      setAll: (list) => call('setAll', true, () => setAll(list)),
      insert: (key, value) =>
        call(
          'insert',
          true,
          () =>
            insertAll([[key, value]])
              .values()
              .next().value,
        ),
      insertAll: (list) => call('insertAll', true, () => insertAll(list)),
      delete: (key) => call('delete', true, () => deleteAll([key]).size > 0),
      deleteAll: (keys) => call('deleteAll', true, () => deleteAll(keys)),
      clear: () => call('clear', true, () => entries().clear()),
      [Symbol.asyncIterator]: async function* () {
        await call('iterate', false, () => undefined);
        yield* [...entries().values()];
      },
    };
  }
}
