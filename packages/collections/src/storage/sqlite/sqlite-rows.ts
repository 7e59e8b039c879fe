import type { Rows } from '../database/open-table.js';
import { plainBytes } from '../database/rows.js';
import type { EncodedEntry } from '../database/table.js';
import type { SqliteStatements } from './sqlite-statements.js';

type Value = Uint8Array | undefined;

/** Reads and writes the rows of one storage, at once, within whatever transaction there is. Throws what the client does. */
export class SqliteRows implements Rows {
  constructor(
    private readonly statements: SqliteStatements,
    private readonly storage: string,
  ) {}

  get(keys: readonly Uint8Array[]): Value[] {
    return keys.map((key) => this.#get(key));
  }

  set(entries: readonly EncodedEntry[]): Value[] {
    return entries.map(([key, value]) => {
      const before = this.#get(key);
      this.statements.put.run(this.storage, key, value);
      return before;
    });
  }

  insert(entries: readonly EncodedEntry[]): Value[] {
    return entries.map(([key, value]) => {
      const taken = this.#get(key);
      if (taken === undefined) this.statements.put.run(this.storage, key, value);
      return taken;
    });
  }

  delete(keys: readonly Uint8Array[]): Value[] {
    return keys.map((key) => {
      const before = this.#get(key);
      if (before !== undefined) this.statements.delete.run(this.storage, key);
      return before;
    });
  }

  size(): number {
    return Number(column(this.statements.size.get(this.storage), 'size'));
  }

  keys(): Uint8Array[] {
    return this.statements.keys.all(this.storage).map((row) => plainBytes(column(row, 'key')));
  }

  clear(): void {
    this.statements.clear.run(this.storage);
  }

  lastKey(): Value {
    return bytesIn(this.statements.lastKey.get(this.storage), 'key');
  }

  /** Up to a key, its own included, in their order. */
  page(last: Uint8Array, after: Value, limit: number): EncodedEntry[] {
    const rows =
      after === undefined
        ? this.statements.firstPage.all(this.storage, last, limit)
        : this.statements.nextPage.all(this.storage, last, after, limit);
    return rows.map((row) => [plainBytes(column(row, 'key')), plainBytes(column(row, 'value'))]);
  }

  note(name: string): Value {
    return bytesIn(this.statements.note.get(this.storage, name), 'note');
  }

  putNote(name: string, note: Uint8Array): void {
    this.statements.putNote.run(this.storage, name, note);
  }

  #get(key: Uint8Array): Value {
    return bytesIn(this.statements.get.get(this.storage, key), 'value');
  }
}

/** Undefined where there is no row. */
function bytesIn(row: unknown, name: string): Value {
  const value = column(row, name);
  return value === undefined ? undefined : plainBytes(value);
}

function column(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;
}
