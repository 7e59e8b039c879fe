import type { Clock } from '../../clock.js';
import { HamokError, StorageUnavailableError } from '../../errors.js';
import { Calls, Turns } from '../database/calls.js';
import type { DatabaseLimits } from '../database/database-options.js';
import { OpenTable } from '../database/open-table.js';
import type { Before, DatabaseTable, EncodedEntry, TableWork } from '../database/table.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { SqliteRows } from './sqlite-rows.js';
import { prepareStatements } from './sqlite-statements.js';

/** A connection has one transaction at a time: the calls of all storages over it take turns. */
const turnsOf = new WeakMap<SqliteDatabase, Turns>();

/** What a call is when it ends before it was made: undone, if it was begun. */
const never = (): boolean => false;

/** The table of one storage in SQLite, which does what it does in this process and at once. Every change is a transaction. */
export class SqliteTable implements DatabaseTable {
  readonly #rows: SqliteRows;
  readonly #calls: Calls;

  /** @throws StorageUnavailableError, OptionError for a name that is none */
  constructor(
    private readonly db: SqliteDatabase,
    storage: string,
    tableName: string,
    private readonly limits: DatabaseLimits,
    clock: Clock,
  ) {
    this.#rows = new SqliteRows(
      orUnavailable(() => prepareStatements(db, tableName)),
      storage,
    );
    const turns = turnsOf.get(db) ?? new Turns();
    turnsOf.set(db, turns);
    this.#calls = new Calls(clock, limits.requestTimeoutInMs, turns);
  }

  get(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#read(() => this.#rows.get(keys));
  }

  set(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#change(() => this.#rows.set(entries));
  }

  insert(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#change(() => this.#rows.insert(entries));
  }

  delete(keys: readonly Uint8Array[]): Promise<readonly Before[]> {
    return this.#change(() => this.#rows.delete(keys));
  }

  clear(): Promise<void> {
    return this.#change(() => this.#rows.clear());
  }

  size(): Promise<number> {
    return this.#read(() => this.#rows.size());
  }

  keys(): Promise<readonly Uint8Array[]> {
    return this.#read(() => this.#rows.keys());
  }

  async *pages(): AsyncIterable<readonly EncodedEntry[]> {
    // What is added behind the last key of now is not waited for.
    const last = await this.#read(() => this.#rows.lastKey());
    if (last === undefined) return;
    const limit = this.limits.maxBatchKeys;
    let page: readonly EncodedEntry[] = [];
    do {
      const after = page.at(-1)?.[0];
      page = await this.#read(() => this.#rows.page(last, after, limit));
      yield page;
    } while (page.length === limit);
  }

  transact(name: string, work: TableWork): Promise<void> {
    return this.#calls.change(never, async (over) => {
      const table = new OpenTable(this.#rows);
      this.#begin();
      const undo = (): void => {
        table.end();
        this.#rollback();
      };
      over.addEventListener('abort', undo);
      try {
        const note = await work(
          table,
          orUnavailable(() => this.#rows.note(name)),
        );
        if (over.aborted) return;
        if (note === undefined) return undo();
        table.end();
        orUnavailable(() => this.#rows.putNote(name, note));
        this.#commit();
      } catch (error) {
        if (!over.aborted) undo();
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.#calls.ended();
  }

  #read<T>(read: () => T): Promise<T> {
    return this.#calls.read(async () => orUnavailable(read));
  }

  #change<T>(change: () => T): Promise<T> {
    return this.#calls.change(never, async () => {
      this.#begin();
      try {
        const outcome = orUnavailable(change);
        this.#commit();
        return outcome;
      } catch (error) {
        this.#rollback();
        throw error;
      }
    });
  }

  /** Takes the lock for writing at once: what was read stays true until the commit. */
  #begin(): void {
    orUnavailable(() => this.db.exec('BEGIN IMMEDIATE'));
  }

  #commit(): void {
    orUnavailable(() => this.db.exec('COMMIT'));
  }

  #rollback(): void {
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // SQLite has done it already, as it does upon some errors.
    }
  }
}

function orUnavailable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof HamokError) throw error;
    throw new StorageUnavailableError(`SQLite refused: ${String(error)}`, false, error);
  }
}
