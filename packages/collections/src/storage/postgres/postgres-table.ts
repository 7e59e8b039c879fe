import type { Clock } from '../../clock.js';
import { Calls, Turns } from '../database/calls.js';
import type { DatabaseLimits } from '../database/database-options.js';
import { OpenTable } from '../database/open-table.js';
import type { Before, DatabaseTable, EncodedEntry, TableWork } from '../database/table.js';
import { PostgresConnection } from './postgres-connection.js';
import type { PostgresPool } from './postgres-pool.js';
import { PostgresRows } from './postgres-rows.js';
import type { PostgresStatements } from './postgres-statements.js';

/** A call that is under way. */
interface Under {
  readonly rows: PostgresRows;
  readonly connection: PostgresConnection;
  /** From here on it may have happened, whatever is heard of it. */
  exposed(): void;
}

/**
 * The table of one storage in PostgreSQL. What concerns one key is one statement. A batch is a transaction, one at a time for each
 * storage, so that no two lock each other out; those of one key have nothing else locked. A pool has several connections, which know
 * nothing of one another's order: changes take turns, and reads between them go side by side.
 */
export class PostgresTable implements DatabaseTable {
  readonly #calls: Calls;
  #created = false;

  constructor(
    private readonly pool: PostgresPool,
    private readonly statements: PostgresStatements,
    private readonly storage: string,
    private readonly limits: DatabaseLimits,
    clock: Clock,
  ) {
    this.#calls = new Calls(clock, limits.requestTimeoutInMs, new Turns());
  }

  get(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#read((rows) => rows.get(keys));
  }

  set(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#change(entries.length, (rows) => rows.set(entries));
  }

  insert(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#change(entries.length, (rows) => rows.insert(entries));
  }

  delete(keys: readonly Uint8Array[]): Promise<readonly Before[]> {
    return this.#change(keys.length, (rows) => rows.delete(keys));
  }

  clear(): Promise<void> {
    return this.#change(Number.POSITIVE_INFINITY, (rows) => rows.clear());
  }

  size(): Promise<number> {
    return this.#read((rows) => rows.size());
  }

  keys(): Promise<readonly Uint8Array[]> {
    return this.#read((rows) => rows.keys());
  }

  async *pages(): AsyncIterable<readonly EncodedEntry[]> {
    // What is added behind the last key of now is not waited for.
    const last = await this.#read((rows) => rows.lastKey());
    if (last === undefined) return;
    const limit = this.limits.maxBatchKeys;
    let page: readonly EncodedEntry[] = [];
    do {
      const after = page.at(-1)?.[0];
      page = await this.#read((rows) => rows.page(last, after, limit));
      yield page;
    } while (page.length === limit);
  }

  async transact(name: string, work: TableWork): Promise<void> {
    const run = async ({ rows }: Under): Promise<Uint8Array | undefined> => {
      const table = new OpenTable(rows);
      try {
        const note = await work(table, await rows.note(name));
        if (note !== undefined) await rows.putNote(name, note);
        return note;
      } finally {
        table.end();
      }
    };
    await this.#exclusively((under) => this.#transaction(under, run, (note) => note !== undefined));
  }

  close(): Promise<void> {
    return this.#calls.ended();
  }

  #change<T>(keys: number, change: (rows: PostgresRows) => Promise<T>): Promise<T> {
    return this.#exclusively(async (under) => {
      if (keys > 1) return this.#transaction(under, ({ rows }) => change(rows));
      under.exposed();
      return change(under.rows);
    });
  }

  /** @param isKept whether what was done is committed; all is undone otherwise */
  async #transaction<T>(
    under: Under,
    work: (under: Under) => Promise<T>,
    isKept: (outcome: T) => boolean = () => true,
  ): Promise<T> {
    const { connection } = under;
    try {
      await connection.runAll(this.statements.begin);
      const outcome = await work(under);
      const kept = isKept(outcome);
      if (kept) under.exposed();
      await connection.runAll(kept ? 'COMMIT' : 'ROLLBACK');
      return outcome;
    } catch (error) {
      await connection.runAll('ROLLBACK').catch(() => connection.destroy());
      throw error;
    }
  }

  #read<T>(read: (rows: PostgresRows) => Promise<T>): Promise<T> {
    return this.#calls.read((over) => this.#connected(over, (_, rows) => read(rows)));
  }

  #exclusively<T>(work: (under: Under) => Promise<T>): Promise<T> {
    let isExposed = false;
    const exposed = (): void => {
      isExposed = true;
    };
    return this.#calls.change(
      () => isExposed,
      (over) => this.#connected(over, (connection, rows) => work({ connection, rows, exposed })),
    );
  }

  async #connected<T>(
    over: AbortSignal,
    work: (connection: PostgresConnection, rows: PostgresRows) => Promise<T>,
  ): Promise<T> {
    const connection = await PostgresConnection.take(this.pool, over);
    try {
      await this.#createTables(connection);
      return await work(connection, new PostgresRows(connection, this.statements, this.storage, this.limits));
    } finally {
      connection.giveBack();
    }
  }

  async #createTables(connection: PostgresConnection): Promise<void> {
    if (this.#created) return;
    const [row] = await connection.run(this.statements.exists, [...this.statements.tables]);
    if (row?.[0] !== true)
      await connection.runAll(this.statements.create).catch((error: unknown) => {
        connection.destroy();
        throw error;
      });
    this.#created = true;
  }
}
