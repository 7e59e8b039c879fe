import { BadSnapshotError } from '../errors.js';

const maxLengthBytes = 8;

/**
 * Cuts a stream that begins with `header` into its records, each of which stands behind its length (a varint). Yields what
 * each chunk completed. Buffers no more than has arrived of the record that is being received, whatever its length claims.
 */
export async function* readRecords(
  data: AsyncIterable<Uint8Array>,
  header: Uint8Array,
): AsyncGenerator<readonly Uint8Array[]> {
  const stream = new RecordStream(header);
  for await (const chunk of data) yield stream.take(chunk);
  if (stream.incomplete) throw new BadSnapshotError('it ends too early');
}

class RecordStream {
  #headerLeft: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** How many bytes must have arrived before it is worth looking again. */
  #wanted = 1;

  constructor(private readonly header: Uint8Array) {
    this.#headerLeft = header.length;
  }

  get incomplete(): boolean {
    return this.#headerLeft > 0 || this.#waitingBytes > 0;
  }

  take(chunk: Uint8Array): Uint8Array[] {
    this.#waiting.push(this.#headerLeft > 0 ? this.#pastHeader(chunk) : chunk);
    this.#waitingBytes += this.#waiting.at(-1)?.length ?? 0;
    if (this.#waitingBytes < this.#wanted) return [];
    const bytes = this.#joined();
    const records: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const length = lengthAt(bytes, at);
      this.#wanted = length === undefined ? bytes.length - at + 1 : length.next - at + length.value;
      if (length === undefined || length.next + length.value > bytes.length) break;
      at = length.next + length.value;
      records.push(bytes.subarray(length.next, at));
    }
    this.#waitingBytes = bytes.length - at;
    this.#waiting = this.#waitingBytes > 0 ? [bytes.slice(at)] : [];
    return records;
  }

  #joined(): Uint8Array {
    const [only] = this.#waiting;
    if (only !== undefined && this.#waiting.length === 1) return only;
    const bytes = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const part of this.#waiting) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #pastHeader(chunk: Uint8Array): Uint8Array {
    const from = this.header.length - this.#headerLeft;
    const count = Math.min(this.#headerLeft, chunk.length);
    for (let i = 0; i < count; i++)
      if (chunk[i] !== this.header[from + i]) throw new BadSnapshotError('not a snapshot of a version known here');
    this.#headerLeft -= count;
    return chunk.subarray(count);
  }
}

function lengthAt(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  let scale = 1;
  for (let next = at; next < bytes.length; scale *= 0x80) {
    const byte = bytes[next++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next };
    if (next - at === maxLengthBytes) throw new BadSnapshotError('a length of too many bytes');
  }
  return undefined;
}
