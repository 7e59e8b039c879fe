export type { FileStoreOptions } from './file-store.js';
export { FileSnapshotStore } from './file-store.js';
export { openSnapshotFile, readFile } from './snapshot-file.js';
