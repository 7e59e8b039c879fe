export type { PostgresClient, PostgresPool, PostgresQuery } from './postgres-pool.js';
export type { PostgresStorageOptions } from './postgres-storage.js';
export { postgresStorage } from './postgres-storage.js';
