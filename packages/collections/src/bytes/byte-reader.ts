import { BadSnapshotError } from '../errors.js';
import { decodeTextStrictly } from './utf8.js';

/** Reads what `ByteWriter` wrote. Everything that cannot be read throws `BadSnapshotError`; no length is believed before it is checked. */
export class ByteReader {
  #at = 0;

  constructor(private readonly source: Uint8Array) {}

  get done(): boolean {
    return this.#at === this.source.length;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.source.length - this.#at;
  }

  /** A view of what was read since a position. */
  since(position: number): Uint8Array {
    return this.source.subarray(position, this.#at);
  }

  byte(): number {
    const byte = this.source[this.#at++];
    if (byte === undefined) throw new BadSnapshotError('a record ends too early');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new BadSnapshotError('a number above 2^53 - 1');
      if (byte === 0 && scale > 1) throw new BadSnapshotError('a number of more bytes than it takes');
      if (byte < 0x80) return value;
      if (scale > 2 ** 49) throw new BadSnapshotError('a number of too many bytes');
    }
  }

  /** A view of the source, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    const from = this.#at;
    if (length > this.source.length - from) throw new BadSnapshotError('a record ends too early');
    this.#at = from + length;
    return this.source.subarray(from, this.#at);
  }

  text(): string {
    const text = decodeTextStrictly(this.bytes());
    if (text === undefined) throw new BadSnapshotError('a text that is not UTF-8');
    return text;
  }
}
