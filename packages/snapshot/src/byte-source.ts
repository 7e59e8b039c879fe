import { DamagedSnapshotError } from './errors.js';

/** Takes exact numbers of bytes from a stream that comes in pieces of any size. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #position: number;

  /** @param position where in a longer stream this one begins */
  constructor(source: AsyncIterable<Uint8Array>, position = 0) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.#position = position;
  }

  /** Of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** @throws {DamagedSnapshotError} when the stream ends before. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#piece.byteLength === 0 && !(await this.#next())) {
        throw new DamagedSnapshotError(this.#position + length - missing, 'it ends too early');
      }
      const part = this.#piece.subarray(0, missing);
      this.#piece = this.#piece.subarray(part.byteLength);
      missing -= part.byteLength;
      parts.push(part);
    }
    this.#position += length;
    return joined(parts, length);
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#piece.byteLength === 0) if (!(await this.#next())) return true;
    return false;
  }

  /** Lets the stream go, wherever it is. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    this.#piece = value;
    return true;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
