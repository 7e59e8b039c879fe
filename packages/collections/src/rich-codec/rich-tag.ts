/*
 * A rich value is the byte 1 (the version of this format) and one value: a tag, and what the tag says. Numbers of things are
 * varints, seven bits a byte, the low ones first; bytes and texts stand behind their number of bytes; doubles are 8 bytes, the
 * high one first. Each value has one encoding, and anything else is refused: integers are never doubles, and the fields of
 * objects, the keys of Maps and the items of Sets are in ascending order.
 */
export const richVersion = 1;

export enum Tag {
  Undefined = 0,
  Null = 1,
  False = 2,
  True = 3,
  /** A safe integer from 0: a varint. */
  Integer = 4,
  /** A safe integer n below 0: the varint -1 - n. */
  NegativeInteger = 5,
  /** Any other number, -0 and NaN (7FF8 and zeros) among them. */
  Double = 6,
  /** UTF-8. */
  Text = 7,
  /** Text with lone surrogates, which UTF-8 cannot hold: two bytes a unit, the high one first. */
  Utf16Text = 8,
  /** A bigint from 0: its bytes, the high ones first, without leading zeros. */
  BigInt = 9,
  /** A bigint below 0: the bytes of its negation. */
  NegativeBigInt = 10,
  /** A double: whole ms since 1970, NaN for an invalid date. */
  Date = 11,
  Bytes = 12,
  /** The number of items, and the items. */
  Array = 13,
  /** The number of fields; each is a name (a text) and a value. In ascending order of the names' UTF-16 units. */
  Object = 14,
  /** The number of entries; each is a key and a value. In ascending order of the keys' encodings, byte by byte. */
  Map = 15,
  /** The number of items, and the items, in ascending order of their encodings. */
  Set = 16,
}

/** How deep arrays, objects, Maps and Sets may lie in each other. */
export const maxDepth = 256;
