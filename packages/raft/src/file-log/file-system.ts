import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { lockDirectory } from './directory-lock.js';

/** A file that is being written, one call after another. */
export interface WritableFile {
  /** Writes all of it behind what was written before. */
  append(bytes: Uint8Array): Promise<void>;
  /** Writes all of it over the beginning. */
  overwrite(bytes: Uint8Array): Promise<void>;
  /** Resolves once everything that was appended is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The part of a file system that the log needs, one call a step, so that tests can let each one fail, or be the last. */
export interface FileSystem {
  /** Makes a directory, and those above it, where they are not there. Resolves once their names are on the disk. */
  makeDirectory(path: string): Promise<void>;
  /** Keeps other live processes out of a directory. Resolves with what lets them in again. */
  lock(directory: string): Promise<() => Promise<void>>;
  /** The names in a directory. */
  list(directory: string): Promise<string[]>;
  sizeOf(path: string): Promise<number>;
  read(path: string): Promise<Uint8Array>;
  /** A file that must not be there yet. */
  create(path: string): Promise<WritableFile>;
  /** A file that is there, cut off at a length, to be written over from its beginning. */
  open(path: string, length: number): Promise<WritableFile>;
  /** Gives a file that is being written another name, which no other has. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves once the names in a directory are on the disk. */
  syncDirectory(path: string): Promise<void>;
}

export const nodeFileSystem: FileSystem = {
  makeDirectory: async (path) => {
    const made = await mkdir(path, { recursive: true });
    for (const parent of parentsOf(path, made)) await syncDirectory(parent, made === undefined);
  },
  lock: lockDirectory,
  list: readdir,
  sizeOf: async (path) => (await stat(path)).size,
  read: async (path) => {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  },
  create: async (path) => new NodeFile(await open(path, 'wx')),
  open: async (path, length) => {
    const file = await open(path, 'r+');
    try {
      await file.truncate(length);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new NodeFile(file);
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDirectory,
};

/** The directories that hold the names of a directory, and of those above it that were made with it. */
function parentsOf(path: string, made: string | undefined): string[] {
  const parents: string[] = [];
  const last = dirname(resolve(made ?? path));
  for (let at = resolve(path); at !== last && at !== dirname(at); parents.push(at)) at = dirname(at);
  return parents;
}

/** @param isOthers it may be that of somebody else, who does not let it be read, and who made it last */
async function syncDirectory(path: string, isOthers = false): Promise<void> {
  // Windows does not open directories, and keeps their changes in order by itself.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (isOthers && error.code === 'EACCES') return undefined;
    throw error;
  });
  try {
    await directory?.sync();
  } finally {
    await directory?.close();
  }
}

class NodeFile implements WritableFile {
  #position = 0;

  constructor(private readonly file: FileHandle) {}

  async append(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes, this.#position);
    this.#position += bytes.byteLength;
  }

  async overwrite(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes, 0);
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesWritten } = await this.file.write(bytes, at, bytes.byteLength - at, position + at);
      at += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.file.datasync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
