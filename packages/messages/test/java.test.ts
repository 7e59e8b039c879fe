import { expect, test } from 'vitest';
import { dialectOf, HamokMessage } from '../src/index.js';
import {
  BadMessageError,
  createJavaMessage,
  decodeJavaMessage,
  encodeJavaMessage,
  javaMessageTypes,
} from '../src/java/index.js';
import { hexOf } from './fields.js';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test('unknown fields are kept, and written last', () => {
  const message = decodeJavaMessage(fromHex('a2060161420141'));
  expect(message.type).toBe('A');
  expect(hexOf(encodeJavaMessage(message))).toBe('420141a2060161');
});

test.each([
  ['truncated', '0a0561'],
  ['wire type 7', '0f'],
  ['nested too deep', nested(200)],
])('bad bytes are a BadMessageError: %s', (_name, hex) => {
  expect(() => decodeJavaMessage(fromHex(hex))).toThrow(BadMessageError);
});

test('a value that does not fit its field is a BadMessageError', () => {
  expect(() => encodeJavaMessage(createJavaMessage({ raftTerm: 2 ** 31 }))).toThrow(BadMessageError);
});

test('the dialects are not read as each other', () => {
  const ours = new HamokMessage({ protocol: 1, type: 4 }).toBinary();
  expect(dialectOf(ours)).toBe('hamok');
  expect(() => HamokMessage.fromBinary(encodeJavaMessage(createJavaMessage({ sourceId: 'a' })))).toThrow(
    BadMessageError,
  );
});

test('no type is listed twice', () => {
  expect(new Set(javaMessageTypes).size).toBe(javaMessageTypes.length);
});

function nested(depth: number): string {
  let bytes = new Uint8Array(0);
  for (let level = 0; level < depth; level++) {
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
    bytes = Uint8Array.from([0x62, ...length, ...bytes]);
  }
  return hexOf(bytes);
}
