import { FrameTooLargeError } from '../errors.js';

/** A header from here on is a signal between transports: it has no payload, and its last byte says which. */
export const SIGNALS = 0xffffff00;

/** What is set aside on the word of a header alone. */
const FIRST_ALLOCATION = 64 * 1024;

/**
 * Finds the frames, each behind its length as 4 bytes big-endian, in a stream of chunks. A frame that lies whole in a
 * chunk is handed out as a view of it. One that is spread over chunks is gathered in a buffer that grows with what has
 * come, doubling, never with what was announced.
 */
export class FrameReader {
  readonly #onFrame: (frame: Uint8Array) => void;
  readonly #onSignal: (signal: number) => void;
  #maxFrameBytes: number;
  #header = 0;
  #headerBytes = 0;
  #frame: Uint8Array | undefined;
  #frameBytes = 0;
  #received = 0;
  #stopped = false;

  constructor(maxFrameBytes: number, onFrame: (frame: Uint8Array) => void, onSignal: (signal: number) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
    this.#onSignal = onSignal;
  }

  /** Holds from the next frame on. */
  limit(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** No further frame is handed out, not even of the chunk at hand. */
  stop(): void {
    this.#stopped = true;
    this.#frame = undefined;
  }

  /** @throws {FrameTooLargeError} and is of no use afterwards. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      at = this.#frame === undefined ? this.#readHeader(chunk, at) : this.#gather(this.#frame, chunk, at);
    }
  }

  #readHeader(chunk: Uint8Array, start: number): number {
    let at = start;
    let header = this.#header;
    let headerBytes = this.#headerBytes;
    while (headerBytes < 4 && at < chunk.length) {
      header = ((header << 8) | (chunk[at] ?? 0)) >>> 0;
      headerBytes += 1;
      at += 1;
    }
    if (headerBytes < 4) {
      this.#header = header;
      this.#headerBytes = headerBytes;
      return at;
    }
    this.#header = 0;
    this.#headerBytes = 0;
    if (header >= SIGNALS) {
      this.#onSignal(header & 0xff);
      return at;
    }
    if (header > this.#maxFrameBytes) throw new FrameTooLargeError(header, this.#maxFrameBytes);
    const end = at + header;
    if (end <= chunk.length) {
      // A plain Uint8Array and no Buffer, whose slice() does not copy.
      this.#onFrame(new Uint8Array(chunk.buffer, chunk.byteOffset + at, header));
      return end;
    }
    this.#frame = new Uint8Array(Math.min(header, FIRST_ALLOCATION));
    this.#frameBytes = header;
    this.#received = 0;
    return at;
  }

  #gather(frame: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#frameBytes - this.#received, chunk.length - at);
    const received = this.#received + taken;
    let target = frame;
    if (received > frame.length) {
      target = new Uint8Array(Math.min(this.#frameBytes, Math.max(received, 2 * frame.length)));
      target.set(frame.subarray(0, this.#received));
      this.#frame = target;
    }
    target.set(chunk.subarray(at, at + taken), this.#received);
    this.#received = received;
    if (received === this.#frameBytes) {
      this.#frame = undefined;
      this.#onFrame(target);
    }
    return at + taken;
  }
}
