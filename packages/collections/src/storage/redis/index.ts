export type { RedisClient, RedisCommandOptions } from './redis-client.js';
export type { RedisStorageOptions } from './redis-storage.js';
export { redisStorage } from './redis-storage.js';
