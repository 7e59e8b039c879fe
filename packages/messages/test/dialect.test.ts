import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { dialectOf, HamokMessage } from '../src/index.js';
import { createJavaMessage, encodeJavaMessage, JavaMessageSchema } from '../src/java/index.js';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test('a message with a type is recognised, whatever else it holds', () => {
  expect(dialectOf(new HamokMessage({ type: 4, sourceId: 'a' }).toBinary())).toBe('hamok');
  expect(dialectOf(encodeJavaMessage(createJavaMessage({ type: 'HELLO_NOTIFICATION', requestId: 'a' })))).toBe('java');
});

test('fields that both have are passed over', () => {
  expect(dialectOf(new HamokMessage({ storageId: 'a', requestId: 'b' }).toBinary())).toBe('hamok');
  expect(dialectOf(toBinary(JavaMessageSchema, create(JavaMessageSchema, { storageId: 'a', storageSize: 1 })))).toBe(
    'java',
  );
});

test.each([
  ['nothing', ''],
  ['a storage id alone, or is it a request id', '2a0161'],
  ['bytes that are neither', 'ffffffff'],
  ['a field of neither', 'a30308'],
  ['truncated', '2a05'],
])('%s cannot be told', (_name, hex) => {
  expect(dialectOf(fromHex(hex))).toBeUndefined();
});
