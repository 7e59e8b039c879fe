import { quotedIdentifier } from '../database/identifiers.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';

/** What is done to the tables, prepared. The first parameter of each is the id of the storage. */
export interface SqliteStatements {
  readonly get: SqliteStatement;
  readonly put: SqliteStatement;
  readonly delete: SqliteStatement;
  readonly clear: SqliteStatement;
  readonly size: SqliteStatement;
  readonly keys: SqliteStatement;
  readonly lastKey: SqliteStatement;
  readonly firstPage: SqliteStatement;
  readonly nextPage: SqliteStatement;
  readonly note: SqliteStatement;
  readonly putNote: SqliteStatement;
}

/** Creates the tables where they are not there, and prepares the statements. Throws what the client does. */
export function prepareStatements(db: SqliteDatabase, tableName: string): SqliteStatements {
  const table = quotedIdentifier('table', tableName);
  const notes = quotedIdentifier('table', tableName, '_notes');
  db.exec(`CREATE TABLE IF NOT EXISTS ${table}
    (storage TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (storage, key)) WITHOUT ROWID`);
  db.exec(`CREATE TABLE IF NOT EXISTS ${notes}
    (storage TEXT NOT NULL, name TEXT NOT NULL, note BLOB NOT NULL, PRIMARY KEY (storage, name)) WITHOUT ROWID`);
  return {
    get: db.prepare(`SELECT value FROM ${table} WHERE storage = ? AND key = ?`),
    put: db.prepare(`INSERT INTO ${table} (storage, key, value) VALUES (?, ?, ?)
      ON CONFLICT (storage, key) DO UPDATE SET value = excluded.value`),
    delete: db.prepare(`DELETE FROM ${table} WHERE storage = ? AND key = ?`),
    clear: db.prepare(`DELETE FROM ${table} WHERE storage = ?`),
    size: db.prepare(`SELECT count(*) AS size FROM ${table} WHERE storage = ?`),
    keys: db.prepare(`SELECT key FROM ${table} WHERE storage = ?`),
    lastKey: db.prepare(`SELECT key FROM ${table} WHERE storage = ? ORDER BY key DESC LIMIT 1`),
    firstPage: db.prepare(`SELECT key, value FROM ${table} WHERE storage = ? AND key <= ? ORDER BY key LIMIT ?`),
    nextPage: db.prepare(
      `SELECT key, value FROM ${table} WHERE storage = ? AND key <= ? AND key > ? ORDER BY key LIMIT ?`,
    ),
    note: db.prepare(`SELECT note FROM ${notes} WHERE storage = ? AND name = ?`),
    putNote: db.prepare(`INSERT INTO ${notes} (storage, name, note) VALUES (?, ?, ?)
      ON CONFLICT (storage, name) DO UPDATE SET note = excluded.note`),
  };
}
