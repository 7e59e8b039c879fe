import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileSystem, WritableFile } from './file-system.js';
import { readInteger, readUint32, viewOf, writeInteger } from './format.js';

const markName = 'synced';
const magic = new TextEncoder().encode('HAMOKEND');
const markBytes = 28;

/**
 * How far a segment was on the disk when that was last reported: a file that was cut off later, or is gone, does not tell by itself.
 * It is not put on the disk on purpose, and a power cut may leave an older one: what it says is the least.
 */
export interface SyncMark {
  readonly sequence: number;
  readonly length: number;
}

function encodeMark({ sequence, length }: SyncMark): Uint8Array {
  const bytes = new Uint8Array(markBytes);
  const view = viewOf(bytes);
  bytes.set(magic);
  writeInteger(view, 8, sequence);
  writeInteger(view, 16, length);
  view.setUint32(24, crc32(bytes.subarray(0, 24)));
  return bytes;
}

/** Undefined for what is no mark: it was never written whole, or changed. */
export async function readMark(fileSystem: FileSystem, directory: string): Promise<SyncMark | undefined> {
  if (!(await fileSystem.list(directory)).includes(markName)) return undefined;
  const path = join(directory, markName);
  if ((await fileSystem.sizeOf(path)) !== markBytes) return undefined;
  const bytes = await fileSystem.read(path);
  if (!magic.every((byte, i) => bytes[i] === byte)) return undefined;
  if (readUint32(bytes, 24) !== crc32(bytes.subarray(0, 24))) return undefined;
  return { sequence: readInteger(bytes, 8), length: readInteger(bytes, 16) };
}

/** Writes the mark of a directory, from the first time on at which there is something to say. */
export class SyncMarkWriter {
  #file: WritableFile | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly directory: string,
  ) {}

  /** To be called once that much of the segment is on the disk, and what was said before is `written`. */
  write(mark: SyncMark): void {
    this.#writing = this.#write(mark);
    this.#writing.catch(() => undefined);
  }

  /** Resolves when what was said last is written, and rejects where it could not be. */
  written(): Promise<void> {
    return this.#writing;
  }

  async close(): Promise<void> {
    try {
      await this.#writing;
    } finally {
      const file = this.#file;
      this.#file = undefined;
      await file?.close();
    }
  }

  async #write(mark: SyncMark): Promise<void> {
    this.#file ??= await this.#open();
    await this.#file.overwrite(encodeMark(mark));
  }

  async #open(): Promise<WritableFile> {
    const path = join(this.directory, markName);
    const isThere = (await this.fileSystem.list(this.directory)).includes(markName);
    return isThere ? await this.fileSystem.open(path, markBytes) : await this.fileSystem.create(path);
  }
}
