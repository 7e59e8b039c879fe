import { ByteReader } from '../bytes/byte-reader.js';
import { CodecError } from '../errors.js';
import { compareBytes } from './compare-bytes.js';
import { maxDepth, richVersion, Tag } from './rich-tag.js';

/** @throws CodecError for what `encodeRich` does not give */
export function decodeRich(encoded: Uint8Array): unknown {
  try {
    const reader = new ByteReader(encoded);
    if (reader.byte() !== richVersion) throw new CodecError('a version of rich values that is not known here');
    const value = read(reader, 0);
    if (!reader.done) throw new CodecError('bytes after the value');
    return value;
  } catch (cause) {
    if (cause instanceof CodecError) throw cause;
    throw new CodecError('not a rich value', { cause });
  }
}

function read(reader: ByteReader, depth: number): unknown {
  const tag = reader.byte();
  switch (tag) {
    case Tag.Undefined:
      return undefined;
    case Tag.Null:
      return null;
    case Tag.False:
      return false;
    case Tag.True:
      return true;
    case Tag.Integer:
      return reader.varint();
    case Tag.NegativeInteger:
      return negative(reader.varint());
    case Tag.Double:
      return notInteger(readDouble(reader));
    case Tag.Text:
    case Tag.Utf16Text:
      return readText(reader, tag);
    case Tag.BigInt:
    case Tag.NegativeBigInt:
      return readBigInt(reader, tag);
    case Tag.Date:
      return readDate(reader);
    case Tag.Bytes:
      return reader.bytes().slice();
    default:
      return readContainer(reader, tag, depth);
  }
}

function readContainer(reader: ByteReader, tag: number, depth: number): unknown {
  if (depth >= maxDepth) throw new CodecError(`a value deeper than ${maxDepth}`);
  switch (tag) {
    case Tag.Array: {
      const items: unknown[] = [];
      for (let count = readCount(reader); count > 0; count--) items.push(read(reader, depth + 1));
      return items;
    }
    case Tag.Object:
      return readFields(reader, depth + 1);
    case Tag.Map: {
      const map = new Map<unknown, unknown>();
      for (const key of readAscending(reader, depth + 1)) map.set(key, read(reader, depth + 1));
      return map;
    }
    case Tag.Set:
      return new Set(readAscending(reader, depth + 1));
    default:
      throw new CodecError(`unknown kind ${tag} of rich value`);
  }
}

/** Everything that is counted takes a byte at least. */
function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > reader.left) throw new CodecError('a number of items that cannot be there');
  return count;
}

/** Reads so many values as a count says, between which the caller may read others. */
function* readAscending(reader: ByteReader, depth: number): Generator<unknown> {
  let before: Uint8Array | undefined;
  for (let count = readCount(reader); count > 0; count--) {
    const from = reader.position;
    const value = read(reader, depth);
    const encoded = reader.since(from);
    if (before !== undefined && compareBytes(before, encoded) >= 0) throw new CodecError('keys that do not ascend');
    before = encoded;
    yield value;
  }
}

function readFields(reader: ByteReader, depth: number): unknown {
  const fields: Record<string, unknown> = {};
  let before: string | undefined;
  for (let count = readCount(reader); count > 0; count--) {
    const name = readText(reader, reader.byte());
    if (before !== undefined && before >= name) throw new CodecError('fields that do not ascend');
    before = name;
    const value = read(reader, depth);
    if (name === '__proto__')
      Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
    else fields[name] = value;
  }
  return fields;
}

function negative(varint: number): number {
  const value = -1 - varint;
  if (!Number.isSafeInteger(value)) throw new CodecError('an integer below -(2^53 - 1)');
  return value;
}

const double = new DataView(new ArrayBuffer(8));
const canonicalNaN = 0x7ff8000000000000n;

function readDouble(reader: ByteReader): number {
  for (let i = 0; i < 8; i++) double.setUint8(i, reader.byte());
  const value = double.getFloat64(0);
  if (Number.isNaN(value) && double.getBigUint64(0) !== canonicalNaN) throw new CodecError('another form of NaN');
  return value;
}

// biome-ignore lint/style/noRestrictedGlobals: a kind of value, not the time
function readDate(reader: ByteReader): Date {
  const ms = readDouble(reader);
  // biome-ignore lint/style/noRestrictedGlobals: a kind of value, not the time
  const date = new Date(ms);
  // Dates have whole ms, and fewer of them than doubles can say.
  if (!Object.is(date.getTime(), ms)) throw new CodecError('not the time of a Date');
  return date;
}

function notInteger(value: number): number {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) throw new CodecError('an integer as a double');
  return value;
}

const loneSurrogate = /\p{Surrogate}/u;

function readText(reader: ByteReader, tag: number): string {
  if (tag === Tag.Text) return reader.text();
  if (tag !== Tag.Utf16Text) throw new CodecError('a name that is not a text');
  const bytes = reader.bytes();
  if (bytes.length % 2 !== 0) throw new CodecError('half a unit of UTF-16');
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) text += String.fromCharCode(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  if (!loneSurrogate.test(text)) throw new CodecError('text as UTF-16 that UTF-8 can hold');
  return text;
}

function readBigInt(reader: ByteReader, tag: number): bigint {
  const bytes = reader.bytes();
  if (bytes[0] === 0 || (bytes.length === 0 && tag === Tag.NegativeBigInt))
    throw new CodecError('a bigint in another form');
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return tag === Tag.BigInt ? BigInt(hex) : -BigInt(hex);
}
