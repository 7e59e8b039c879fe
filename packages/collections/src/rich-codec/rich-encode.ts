import { ByteWriter } from '../bytes/byte-writer.js';
import { encodeText } from '../bytes/utf8.js';
import { CodecError } from '../errors.js';
import { compareBytes } from './compare-bytes.js';
import { maxDepth, richVersion, Tag } from './rich-tag.js';

const keptBytes = 64 * 1024;
/** Absent while it is used, for a getter in a value may encode another. */
let idle: ByteWriter | undefined;

/** @throws CodecError for what is not a rich value */
export function encodeRich(value: unknown): Uint8Array {
  const writer = idle ?? new ByteWriter();
  idle = undefined;
  writer.byte(richVersion);
  write(writer, value, 0);
  const encoded = writer.take();
  if (encoded.length <= keptBytes) idle = writer;
  return encoded;
}

function write(writer: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'undefined':
      return writer.byte(Tag.Undefined);
    case 'boolean':
      return writer.byte(value ? Tag.True : Tag.False);
    case 'number':
      return writeNumber(writer, value);
    case 'string':
      return writeText(writer, value);
    case 'bigint':
      return writeBigInt(writer, value);
    case 'object':
      return value === null ? writer.byte(Tag.Null) : writeObject(writer, value, depth);
    default:
      throw new CodecError(`no codec holds a ${typeof value}`);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return writeDouble(writer, Tag.Double, value);
  writer.byte(value < 0 ? Tag.NegativeInteger : Tag.Integer);
  writer.varint(value < 0 ? -1 - value : value);
}

const double = new DataView(new ArrayBuffer(8));

function writeDouble(writer: ByteWriter, tag: Tag, value: number): void {
  double.setFloat64(0, value);
  // NaN has many forms, of which an engine may give any.
  if (Number.isNaN(value)) double.setBigUint64(0, 0x7ff8000000000000n);
  writer.byte(tag);
  for (let i = 0; i < 8; i++) writer.byte(double.getUint8(i));
}

const loneSurrogate = /\p{Surrogate}/u;

function writeText(writer: ByteWriter, text: string): void {
  if (!loneSurrogate.test(text)) {
    writer.byte(Tag.Text);
    writer.bytes(encodeText(text));
    return;
  }
  writer.byte(Tag.Utf16Text);
  writer.varint(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    writer.byte(unit >>> 8);
    writer.byte(unit & 0xff);
  }
}

function writeBigInt(writer: ByteWriter, value: bigint): void {
  writer.byte(value < 0n ? Tag.NegativeBigInt : Tag.BigInt);
  const digits = value === 0n ? '' : (value < 0n ? -value : value).toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  writer.bytes(bytes);
}

function writeObject(writer: ByteWriter, value: object, depth: number): void {
  if (depth >= maxDepth) throw new CodecError(`a value deeper than ${maxDepth}, or that contains itself`);
  if (Array.isArray(value)) {
    writer.byte(Tag.Array);
    writer.varint(value.length);
    for (let i = 0; i < value.length; i++) write(writer, value[i], depth + 1);
  } else if (value instanceof Uint8Array) {
    writer.byte(Tag.Bytes);
    writer.bytes(value);
    // biome-ignore lint/style/noRestrictedGlobals: a kind of value, not the time
  } else if (value instanceof Date) {
    writeDouble(writer, Tag.Date, value.getTime());
  } else if (value instanceof Map) {
    writer.byte(Tag.Map);
    writeSorted(writer, value, depth + 1, 'keys of a Map');
  } else if (value instanceof Set) {
    writer.byte(Tag.Set);
    writeSorted(
      writer,
      Array.from(value, (item) => [item]),
      depth + 1,
      'items of a Set',
    );
  } else {
    writeFields(writer, value, depth + 1);
  }
}

/** Each entry is what it is sorted by, and perhaps a value. */
function writeSorted(writer: ByteWriter, entries: Iterable<readonly unknown[]>, depth: number, what: string): void {
  const part = new ByteWriter();
  const encoded = Array.from(entries, (entry) => {
    write(part, entry[0], depth);
    return { key: part.take(), entry };
  });
  encoded.sort((a, b) => compareBytes(a.key, b.key));
  writer.varint(encoded.length);
  encoded.forEach(({ key, entry }, position) => {
    const next = encoded[position + 1];
    if (next !== undefined && compareBytes(key, next.key) === 0) throw new CodecError(`two ${what} encode equally`);
    writer.raw(key);
    if (entry.length > 1) write(writer, entry[1], depth);
  });
}

function writeFields(writer: ByteWriter, value: object, depth: number): void {
  if (!isPlain(value))
    throw new CodecError(`an instance of ${value.constructor?.name ?? 'a class'} is not a plain object`);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  writer.byte(Tag.Object);
  writer.varint(entries.length);
  for (const [name, field] of entries) {
    writeText(writer, name);
    write(writer, field, depth);
  }
}

/** Also of another realm, where `Object.prototype` is another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
