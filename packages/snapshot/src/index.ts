export { DamagedSnapshotError, ForeignSnapshotError, NewerSnapshotError, SnapshotError } from './errors.js';
export type { Compression, SnapshotHeader } from './format.js';
export type { ReadOptions, SnapshotPart } from './read-snapshot.js';
export { readSnapshot, verifySnapshot } from './read-snapshot.js';
export type { SnapshotSection, WriteOptions } from './write-snapshot.js';
export { writeSnapshot } from './write-snapshot.js';
