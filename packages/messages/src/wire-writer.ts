import { BadMessageError } from './errors.js';
import { WireType } from './wire-type.js';

const TWO_POW_32 = 0x1_0000_0000;
const MAX_VARINT = 10;
const INITIAL_CAPACITY = 4096;
/** A buffer grown past this for one large message is not kept for the next. */
const MAX_KEPT_CAPACITY = 1 << 20;

const textEncoder = new TextEncoder();

/** Writes protobuf's wire format into a buffer that it keeps from message to message. */
export class WireWriter {
  private buffer = new Uint8Array(INITIAL_CAPACITY);
  private pos = 0;

  /** Starts a message, forgetting one that was not finished. */
  begin(): void {
    this.pos = 0;
  }

  /** What was written since the beginning, in an array of exactly its size. */
  finish(): Uint8Array {
    const bytes = this.buffer.slice(0, this.pos);
    if (this.buffer.length > MAX_KEPT_CAPACITY) this.buffer = new Uint8Array(INITIAL_CAPACITY);
    return bytes;
  }

  bool(field: number, value: boolean): void {
    this.tag(field, WireType.Varint);
    this.ensure(1);
    this.buffer[this.pos++] = value ? 1 : 0;
  }

  /** Also for enums. */
  int32(field: number, value: number): void {
    if ((value | 0) !== value) throw new BadMessageError(`field ${field} is not an int32: ${value}`);
    this.tag(field, WireType.Varint);
    this.signedVarint(value);
  }

  /** An int64 from `min` (at least -2^32) to 2^53 - 1. */
  int53(field: number, value: number, min: number): void {
    this.assertInt53(field, value, min);
    this.tag(field, WireType.Varint);
    this.signedVarint(value);
  }

  packedInt53(field: number, values: readonly number[], min: number): void {
    if (values.length === 0) return;
    this.tag(field, WireType.LengthDelimited);
    this.ensure(MAX_VARINT * (values.length + 1));
    const from = this.pos;
    for (const value of values) {
      this.assertInt53(field, value, min);
      this.signedVarint(value);
    }
    this.prefixLength(from);
  }

  uint64(field: number, value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw new BadMessageError(`field ${field} is not a uint64: ${value}`);
    this.tag(field, WireType.Varint);
    this.ensure(MAX_VARINT);
    this.words(Number(value & 0xffff_ffffn), Number(value >> 32n));
  }

  bytes(field: number, value: Uint8Array): void {
    this.tag(field, WireType.LengthDelimited);
    this.ensure(MAX_VARINT + value.length);
    this.words(value.length, 0);
    this.buffer.set(value, this.pos);
    this.pos += value.length;
  }

  string(field: number, value: string): void {
    this.tag(field, WireType.LengthDelimited);
    const length = value.length;
    this.ensure(MAX_VARINT + length * 3);
    const { buffer } = this;
    const start = this.pos;
    if (length < 0x80) {
      let pos = start;
      buffer[pos++] = length;
      let at = 0;
      for (; at < length; at++) {
        const unit = value.charCodeAt(at);
        if (unit > 0x7f) break;
        buffer[pos++] = unit;
      }
      if (at === length) {
        this.pos = pos;
        return;
      }
    }
    this.pos = start + textEncoder.encodeInto(value, buffer.subarray(start)).written;
    this.prefixLength(start);
  }

  /** Whole fields, already encoded. */
  raw(fields: Uint8Array): void {
    this.ensure(fields.length);
    this.buffer.set(fields, this.pos);
    this.pos += fields.length;
  }

  private tag(field: number, wireType: number): void {
    this.ensure(MAX_VARINT);
    const tag = (field << 3) | wireType;
    if (tag < 0x80) this.buffer[this.pos++] = tag;
    else this.words(tag, 0);
  }

  /** Moves what was written since `from` to make room for its length before it; room for that must be ensured. */
  private prefixLength(from: number): void {
    const length = this.pos - from;
    const prefix = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    this.buffer.copyWithin(from + prefix, from, this.pos);
    this.pos = from;
    this.words(length, 0);
    this.pos += length;
  }

  private signedVarint(value: number): void {
    this.ensure(MAX_VARINT);
    if (value >= 0 && value < 0x80) this.buffer[this.pos++] = value;
    else this.words(value >>> 0, Math.floor(value / TWO_POW_32) >>> 0);
  }

  private words(low: number, high: number): void {
    const { buffer } = this;
    let pos = this.pos;
    let lo = low;
    let hi = high;
    while (hi !== 0 || lo > 0x7f) {
      buffer[pos++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    buffer[pos++] = lo;
    this.pos = pos;
  }

  private assertInt53(field: number, value: number, min: number): void {
    if (!Number.isSafeInteger(value) || value < min) {
      throw new BadMessageError(`field ${field} is not an integer from ${min} to 2^53 - 1: ${value}`);
    }
  }

  private ensure(length: number): void {
    const required = this.pos + length;
    if (required <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(required, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.pos));
    this.buffer = grown;
  }
}
