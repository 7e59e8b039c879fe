import { BadMessageError } from './errors.js';
import { decodeText } from './text.js';
import { WireType } from './wire-type.js';

const TWO_POW_32 = 0x1_0000_0000;
/** The high word of the first unsafe integer, 2^53. */
const UNSAFE_HIGH = 0x20_0000;
const MAX_GROUP_DEPTH = 100;

/** Reads protobuf's wire format from untrusted bytes. Everything that cannot be read throws `BadMessageError`. */
export class WireReader {
  pos = 0;
  readonly end: number;
  private low = 0;
  private high = 0;

  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Of a subclass, as Node's Buffer is, views would be slower and of the subclass too.
    this.bytes =
      Object.getPrototypeOf(bytes) === Uint8Array.prototype
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
  }

  /** The next field's number and wire type, as they stand on the wire: `number << 3 | wireType`. */
  tag(): number {
    const start = this.pos;
    const tag = this.uint32();
    const length = this.pos - start;
    if (length > 4 && (length > 5 || (this.bytes[start + 4] ?? 0) > 0x0f))
      throw new BadMessageError('tag over 32 bits');
    if (tag < 8 || (tag & 7) > WireType.Fixed32) throw new BadMessageError(`illegal tag ${tag}`);
    return tag;
  }

  /** A varint of which, as for every 32-bit type, only the low 32 bits count. */
  uint32(): number {
    const byte = this.bytes[this.pos];
    if (byte !== undefined && byte < 0x80) {
      this.pos++;
      return byte;
    }
    this.varint();
    return this.low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** An int64 from `min` (at least -2^32) to 2^53 - 1; others are refused, for a number cannot hold them. */
  int53(min: number): number {
    const byte = this.bytes[this.pos];
    if (byte !== undefined && byte < 0x80) {
      this.pos++;
      return byte;
    }
    this.varint();
    if (this.high < UNSAFE_HIGH) return this.high * TWO_POW_32 + this.low;
    const negative = this.low - TWO_POW_32;
    if (this.high !== 0xffff_ffff || negative < min) throw new BadMessageError('int64 out of range');
    return negative;
  }

  uint64(): bigint {
    this.varint();
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  bool(): boolean {
    this.varint();
    return this.low !== 0 || this.high !== 0;
  }

  /** A view of the input, not a copy. */
  bytesView(): Uint8Array {
    const to = this.lengthDelimitedEnd();
    const from = this.pos;
    this.pos = to;
    return this.view(from, to);
  }

  string(): string {
    const to = this.lengthDelimitedEnd();
    const from = this.pos;
    this.pos = to;
    return decodeText(this.bytes, from, to);
  }

  /** Reads a length and returns where what it announces ends. */
  lengthDelimitedEnd(): number {
    const length = this.uint32();
    const end = this.pos + length;
    if (end > this.end) throw new BadMessageError(`truncated: ${length} bytes announced before ${this.pos}`);
    return end;
  }

  /** Passes over the field that `tag` opened. */
  skip(tag: number, depth = MAX_GROUP_DEPTH): void {
    switch (tag & 7) {
      case WireType.Varint:
        while (this.byte() > 0x7f);
        return;
      case WireType.Fixed64:
        this.advance(8);
        return;
      case WireType.LengthDelimited:
        this.advance(this.uint32());
        return;
      case WireType.StartGroup:
        this.skipGroup(tag >>> 3, depth);
        return;
      case WireType.Fixed32:
        this.advance(4);
        return;
      default:
        throw new BadMessageError('end of a group that was not begun');
    }
  }

  /** As `subarray` gives it, which looks up first what to construct: that costs twice as much as this in all. */
  view(from: number, to: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + from, to - from);
  }

  private skipGroup(number: number, depth: number): void {
    if (depth === 0) throw new BadMessageError('groups too deep');
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== WireType.EndGroup) this.skip(tag, depth - 1);
      else if (tag >>> 3 === number) return;
      else throw new BadMessageError('end of another group');
    }
  }

  private advance(length: number): void {
    if (this.pos + length > this.end) throw new BadMessageError(`truncated at ${this.pos}`);
    this.pos += length;
  }

  private byte(): number {
    const byte = this.bytes[this.pos++];
    if (byte === undefined) throw new BadMessageError('truncated varint');
    return byte;
  }

  /** Reads up to ten bytes into `low` and `high`, both unsigned. */
  private varint(): void {
    let low = 0;
    let high = 0;
    let byte = 0x80;
    for (let shift = 0; shift < 70 && byte > 0x7f; shift += 7) {
      byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift > 28) high |= bits << (shift - 32);
      else if (shift === 28) high = bits >>> 4;
    }
    if (byte > 0x7f) throw new BadMessageError('varint over 64 bits');
    this.low = low >>> 0;
    this.high = high >>> 0;
  }
}
