import { BadMessageError } from './errors.js';
import { WireType } from './wire-type.js';

const TWO_POW_32 = 0x1_0000_0000;
/** The high word of the first unsafe integer, 2^53. */
const UNSAFE_HIGH = 0x20_0000;
const MAX_GROUP_DEPTH = 100;
/** Up to here a loop over the bytes beats a call of the decoder. */
const SHORT_TEXT = 48;

// As in other implementations for proto2: a byte-order mark is text, and what is not UTF-8 becomes U+FFFD.
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads protobuf's wire format from untrusted bytes. Everything that cannot be read throws `BadMessageError`. */
export class WireReader {
  pos = 0;
  readonly end: number;
  private low = 0;
  private high = 0;

  constructor(private readonly bytes: Uint8Array) {
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
    return this.bytes.subarray(from, to);
  }

  string(): string {
    const to = this.lengthDelimitedEnd();
    const from = this.pos;
    this.pos = to;
    if (to - from <= SHORT_TEXT) {
      let text = '';
      for (let at = from; at < to; at++) {
        const byte = this.bytes[at] ?? 0x80;
        if (byte > 0x7f) return textDecoder.decode(this.bytes.subarray(from, to));
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return textDecoder.decode(this.bytes.subarray(from, to));
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
        return this.advance(8);
      case WireType.LengthDelimited:
        return this.advance(this.uint32());
      case WireType.StartGroup:
        return this.skipGroup(tag >>> 3, depth);
      case WireType.Fixed32:
        return this.advance(4);
      default:
        throw new BadMessageError('end of a group that was not begun');
    }
  }

  view(from: number, to: number): Uint8Array {
    return this.bytes.subarray(from, to);
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
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return this.setVarint(low, 0);
    }
    const middle = this.byte();
    low |= (middle & 0x0f) << 28;
    let high = (middle & 0x70) >> 4;
    if (middle < 0x80) return this.setVarint(low, high);
    for (let shift = 3; shift <= 31; shift += 7) {
      const byte = this.byte();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) return this.setVarint(low, high);
    }
    throw new BadMessageError('varint over 64 bits');
  }

  private setVarint(low: number, high: number): void {
    this.low = low >>> 0;
    this.high = high >>> 0;
  }
}
