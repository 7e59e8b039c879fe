import { close, createReadStream, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { StoredSnapshot } from '../store.js';
import { type ContainerMedium, openContainer } from '../stored-container.js';

const openFile = promisify(open);

/** Files whose snapshot nobody holds any more. */
const unheld = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => undefined));

/**
 * A file that stays readable for as long as something refers to this, also when it was removed meanwhile. Its descriptor is closed
 * with the object: whoever holds a snapshot does not say when it lets go of it.
 */
export class SnapshotFile implements ContainerMedium {
  private constructor(private readonly descriptor: number) {
    unheld.register(this, descriptor);
  }

  static async open(path: string): Promise<SnapshotFile> {
    return new SnapshotFile(await openFile(path, 'r'));
  }

  read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    return new Promise((resolve, reject) => {
      const fill = (filled: number): void => {
        read(this.descriptor, bytes, filled, length - filled, position + filled, (error, count) => {
          if (error) reject(error);
          else if (count === 0 || filled + count === length) resolve(bytes.subarray(0, filled + count));
          else fill(filled + count);
        });
      };
      fill(0);
    });
  }
}

/**
 * Opens a file that a store wrote, and reads it to its end.
 * @throws {DamagedSnapshotError} {@link NewerSnapshotError} and what the file system throws
 */
export async function openSnapshotFile(path: string): Promise<StoredSnapshot> {
  return openContainer(await SnapshotFile.open(path));
}

/** The bytes of a file, for `readSnapshot` and `verifySnapshot`. */
export async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) yield piece;
}
