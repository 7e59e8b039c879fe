import { byteString } from '../../bytes/byte-string.js';
import { batches, sizeOfEntry } from '../../map/batches.js';
import type { DatabaseLimits } from '../database/database-options.js';
import type { Rows } from '../database/open-table.js';
import { plainBytes } from '../database/rows.js';
import type { EncodedEntry } from '../database/table.js';
import type { PostgresConnection, Statement } from './postgres-connection.js';
import type { PostgresStatements } from './postgres-statements.js';

type Value = Uint8Array | undefined;

/** Reads and writes the rows of one storage over a connection, within whatever transaction there is, a bounded part at a time. */
export class PostgresRows implements Rows {
  constructor(
    private readonly connection: PostgresConnection,
    private readonly statements: PostgresStatements,
    private readonly storage: string,
    private readonly limits: DatabaseLimits,
  ) {}

  get(keys: readonly Uint8Array[]): Promise<Value[]> {
    return this.#keysInParts(this.statements.get, keys);
  }

  set(entries: readonly EncodedEntry[]): Promise<Value[]> {
    return this.#entriesInParts(this.statements.set, entries);
  }

  insert(entries: readonly EncodedEntry[]): Promise<Value[]> {
    return this.#entriesInParts(this.statements.insert, entries);
  }

  delete(keys: readonly Uint8Array[]): Promise<Value[]> {
    return this.#keysInParts(this.statements.delete, keys);
  }

  async size(): Promise<number> {
    const [row] = await this.connection.run(this.statements.size, [this.storage]);
    return Number(row?.[0]);
  }

  async keys(): Promise<Uint8Array[]> {
    const rows = await this.connection.run(this.statements.keys, [this.storage]);
    return rows.map(([key]) => plainBytes(key));
  }

  async clear(): Promise<void> {
    await this.connection.run(this.statements.clear, [this.storage]);
  }

  async lastKey(): Promise<Value> {
    const [row] = await this.connection.run(this.statements.lastKey, [this.storage]);
    return row && plainBytes(row[0]);
  }

  /** Up to a key, its own included, in their order. */
  async page(last: Uint8Array, after: Value, limit: number): Promise<EncodedEntry[]> {
    const rows = await this.connection.run(this.statements.page, [this.storage, last, after ?? null, limit]);
    return rows.map(([key, value]) => [plainBytes(key), plainBytes(value)]);
  }

  async note(name: string): Promise<Value> {
    const [row] = await this.connection.run(this.statements.note, [this.storage, name]);
    return row && plainBytes(row[0]);
  }

  async putNote(name: string, note: Uint8Array): Promise<void> {
    await this.connection.run(this.statements.putNote, [this.storage, name, note]);
  }

  async #keysInParts(what: Statement, keys: readonly Uint8Array[]): Promise<Value[]> {
    const values: Value[] = [];
    for (const part of batches(keys, ({ length }) => length, this.#limits)) {
      const found = new Map<string, Uint8Array>();
      for (const [key, value] of await this.#run(what, part)) found.set(byteString(plainBytes(key)), plainBytes(value));
      for (const key of part) values.push(found.get(byteString(key)));
    }
    return values;
  }

  async #entriesInParts(what: Statement, entries: readonly EncodedEntry[]): Promise<Value[]> {
    const before: Value[] = [];
    for (const part of batches(entries, sizeOfEntry, this.#limits)) before.push(...(await this.#write(what, part)));
    return before;
  }

  /** Those that others came between are written again, until none is left. */
  async #write(what: Statement, entries: readonly EncodedEntry[]): Promise<Value[]> {
    const before = new Map<string, Value>();
    let left = entries;
    while (left.length > 0) {
      const [keys, values] = [left.map(([key]) => key), left.map(([, value]) => value)];
      const known = new Map<string, Value>();
      const written = new Set<string>();
      for (const [isWritten, key, value] of await this.#run(what, keys, values)) {
        const id = byteString(plainBytes(key));
        if (isWritten === true) written.add(id);
        else known.set(id, plainBytes(value));
      }
      left = left.filter(([key]) => {
        const id = byteString(key);
        if (!written.has(id) && !known.has(id)) return true;
        before.set(id, what === this.statements.insert && written.has(id) ? undefined : known.get(id));
        return false;
      });
    }
    return entries.map(([key]) => before.get(byteString(key)));
  }

  #run(what: Statement, keys: Uint8Array[], values?: Uint8Array[]): Promise<readonly (readonly unknown[])[]> {
    const given = values === undefined ? [this.storage, keys] : [this.storage, keys, values];
    return keys.length > 1 ? this.connection.runForMany(what, given) : this.connection.run(what, given);
  }

  get #limits(): { bytes: number; items: number } {
    return { bytes: this.limits.maxBatchBytes, items: this.limits.maxBatchKeys };
  }
}
