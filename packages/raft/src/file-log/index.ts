export type { Durability } from './durability.js';
export type { FileLogOptions } from './file-log.js';
export { FileLog, fileLog } from './file-log.js';
export type { FileSystem, WritableFile } from './file-system.js';
export type { LogInspection } from './inspect.js';
export { inspectLog } from './inspect.js';
export type { SegmentSummary } from './replay.js';
