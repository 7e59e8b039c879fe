export type { Durability } from './durability.js';
export type { FileLogOptions } from './file-log.js';
export { FileLog, fileLog } from './file-log.js';
export type { FileSystem, WritableFile } from './file-system.js';
