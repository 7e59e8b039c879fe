import sqlite from 'node-sqlite3-wasm';
import type { SqliteDatabase, SqliteValue } from '../../../src/storage/sqlite/index.js';

export interface OpenedSqlite {
  readonly database: SqliteDatabase;
  close(): void;
}

/** SQLite in WebAssembly, which every Node.js runs and nothing has to be built for. It takes values as one list. */
export function openWasm(path = ':memory:'): OpenedSqlite {
  const db = new sqlite.Database(path);
  const statements: { finalize(): void }[] = [];
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statements.push(statement);
    return {
      run: (...values: SqliteValue[]) => statement.run(values),
      get: (...values: SqliteValue[]) => statement.get(values),
      all: (...values: SqliteValue[]) => statement.all(values),
    };
  };
  const close = () => {
    for (const statement of statements) statement.finalize();
    db.close();
  };
  return { database: { exec: (sql) => db.exec(sql), prepare }, close };
}

/** What Node.js has itself, from some version on. */
export const builtIn = process.getBuiltinModule('node:sqlite') as
  | { readonly DatabaseSync: new (path: string) => SqliteDatabase & { close(): void } }
  | undefined;

export function openBuiltIn(path = ':memory:'): OpenedSqlite {
  if (builtIn === undefined) throw new Error('this Node.js has no SQLite');
  const database = new builtIn.DatabaseSync(path);
  return { database, close: () => database.close() };
}
