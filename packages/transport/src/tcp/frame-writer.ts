import type { Socket } from 'node:net';

/** Longer frames are written from where they are; copying shorter ones beside each other is cheaper than a write each. */
const COPIED_BELOW = 16 * 1024;
const BATCH_BYTES = 64 * 1024;
/** A turn that sends more than this starts writing before it ends. */
const EARLY_FLUSH_BYTES = 256 * 1024;
const HEADER_BYTES = 4;

/**
 * Collects the frames of a turn and hands them to the socket in as few writes as it can. Counts what has not left yet.
 */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #onWritten: () => void;
  #frames: Uint8Array[] = [];
  #collectedBytes = 0;
  #writingBytes = 0;

  constructor(socket: Socket, onWritten: () => void) {
    this.#socket = socket;
    this.#onWritten = onWritten;
  }

  get queuedBytes(): number {
    return this.#collectedBytes + this.#writingBytes;
  }

  static cost(frame: Uint8Array): number {
    return HEADER_BYTES + frame.length;
  }

  add(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#collectedBytes += FrameWriter.cost(frame);
    if (this.#collectedBytes >= EARLY_FLUSH_BYTES) this.flush();
  }

  /** Writes a bare header, behind what was collected. */
  signal(header: number): void {
    this.flush();
    const bytes = Buffer.allocUnsafe(HEADER_BYTES);
    bytes.writeUInt32BE(header);
    this.#write(bytes);
  }

  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#collectedBytes = 0;
    if (!this.#socket.writable) return;
    this.#socket.cork();
    let start = 0;
    let batchBytes = 0;
    for (let index = 0; index < frames.length; index += 1) {
      const frame = frames[index];
      if (frame === undefined) break;
      const copied = frame.length < COPIED_BELOW;
      batchBytes += HEADER_BYTES + (copied ? frame.length : 0);
      if (copied && batchBytes < BATCH_BYTES && index < frames.length - 1) continue;
      this.#write(this.#batch(frames, start, index, batchBytes));
      if (!copied) this.#write(frame);
      start = index + 1;
      batchBytes = 0;
    }
    this.#socket.uncork();
  }

  #batch(frames: readonly Uint8Array[], first: number, last: number, bytes: number): Uint8Array {
    const batch = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (let index = first; index <= last; index += 1) {
      const frame = frames[index];
      if (frame === undefined) break;
      at = batch.writeUInt32BE(frame.length, at);
      if (frame.length >= COPIED_BELOW) break;
      batch.set(frame, at);
      at += frame.length;
    }
    return batch;
  }

  #write(bytes: Uint8Array): void {
    this.#writingBytes += bytes.length;
    this.#socket.write(bytes, () => {
      this.#writingBytes -= bytes.length;
      this.#onWritten();
    });
  }
}
