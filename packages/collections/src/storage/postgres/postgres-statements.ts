import { quotedIdentifier } from '../database/identifiers.js';
import { type Statement, statement } from './postgres-connection.js';

export interface PostgresStatements {
  readonly get: Statement;
  readonly set: Statement;
  readonly insert: Statement;
  readonly delete: Statement;
  readonly clear: Statement;
  readonly size: Statement;
  readonly keys: Statement;
  readonly lastKey: Statement;
  readonly page: Statement;
  readonly note: Statement;
  readonly putNote: Statement;
  /** Whether the tables are there: `tables` are its parameters. */
  readonly exists: Statement;
  readonly tables: readonly string[];
  /** Creates the tables, one process at a time: `IF NOT EXISTS` alone fails where two do at once. */
  readonly create: string;
  /** Begins a transaction that other such transactions of the same storage wait for. */
  readonly begin: string;
}

/**
 * The statements over one table. `$1` is the id of the storage, `$2` the keys, `$3` the values. They join nothing, since no plan
 * knows beforehand how many keys it is given: it may compare each with each.
 *
 * @throws OptionError for names that are none
 */
export function postgresStatements(storage: string, tableName: string, schema: string | undefined): PostgresStatements {
  const prefix = schema === undefined ? '' : `${quotedIdentifier('schema', schema)}.`;
  const table = prefix + quotedIdentifier('table', tableName);
  const notes = prefix + quotedIdentifier('table', tableName, '_notes');
  const kept = `SELECT key, value FROM ${table} WHERE storage = $1 AND key = ANY ($2::bytea[])`;
  // Gives the keys that were written, each beside true, and what was there before, each beside false.
  const write = (before: string, onConflict: string): Statement =>
    statement(`WITH before AS MATERIALIZED (${before}), written AS (
        INSERT INTO ${table} AS kept (storage, key, value)
        SELECT $1, given.key, given.value FROM unnest($2::bytea[], $3::bytea[]) AS given (key, value)
        WHERE (SELECT count(*) FROM before) >= 0 ORDER BY given.key
        ON CONFLICT (storage, key) ${onConflict} RETURNING kept.key
      )
      SELECT true, key, NULL::bytea FROM written UNION ALL SELECT false, key, value FROM before`);
  return {
    get: statement(kept),
    // What is there is locked before anything is written, so that what it is replaced by is told truly. A key that another transaction
    // writes after this statement began is left as it is: it is neither written nor known from before, and has to be set again.
    set: write(
      `${kept} ORDER BY key FOR UPDATE`,
      'DO UPDATE SET value = excluded.value WHERE kept.key IN (SELECT key FROM before)',
    ),
    // As above. A key that was there before and is written was deleted meanwhile.
    insert: write(kept, 'DO NOTHING'),
    delete: statement(`DELETE FROM ${table} WHERE storage = $1 AND key = ANY ($2::bytea[]) RETURNING key, value`),
    clear: statement(`DELETE FROM ${table} WHERE storage = $1`),
    size: statement(`SELECT count(*) FROM ${table} WHERE storage = $1`),
    keys: statement(`SELECT key FROM ${table} WHERE storage = $1`),
    lastKey: statement(`SELECT key FROM ${table} WHERE storage = $1 ORDER BY key DESC LIMIT 1`),
    page: statement(`SELECT key, value FROM ${table}
      WHERE storage = $1 AND key <= $2 AND ($3::bytea IS NULL OR key > $3) ORDER BY key LIMIT $4`),
    note: statement(`SELECT note FROM ${notes} WHERE storage = $1 AND name = $2`),
    putNote: statement(`INSERT INTO ${notes} (storage, name, note) VALUES ($1, $2, $3)
      ON CONFLICT (storage, name) DO UPDATE SET note = excluded.note`),
    exists: statement('SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL'),
    tables: [table, notes],
    create: `BEGIN; SELECT pg_advisory_xact_lock(${lockNumber('hamok')});
      CREATE TABLE IF NOT EXISTS ${table} (storage text, key bytea, value bytea NOT NULL, PRIMARY KEY (storage, key));
      CREATE TABLE IF NOT EXISTS ${notes} (storage text, name text, note bytea NOT NULL, PRIMARY KEY (storage, name));
      COMMIT`,
    begin: `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${lockNumber(`${table} ${storage}`)})`,
  };
}

const bits = 64;

/** A number for a name: FNV-1a. Two names with one number wait for each other, and that is all. */
function lockNumber(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name))
    hash = BigInt.asUintN(bits, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(bits, hash);
}
