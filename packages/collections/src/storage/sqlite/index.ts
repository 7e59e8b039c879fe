export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
export type { SqliteStorageOptions } from './sqlite-storage.js';
export { sqliteStorage } from './sqlite-storage.js';
