/**
 * What the storage needs of a client: the part that `better-sqlite3` and `DatabaseSync` of `node:sqlite` have in common. BLOBs are
 * `Uint8Array`s both ways.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown;
  /** The first row, by the names of its columns; undefined (or null) for none. */
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

export type SqliteValue = Uint8Array | string | number;
