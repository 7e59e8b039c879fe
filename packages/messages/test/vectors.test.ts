import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { HamokMessageSchema } from '../src/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import { dialectOf, HamokMessage, messageTypeOf } from '../src/index.js';
import { decodeJavaMessage, encodeJavaMessage, JavaMessageSchema } from '../src/java/index.js';
import { type Fields, fieldsOf, generatedFieldsOf, hexOf } from './fields.js';

interface Vector {
  readonly name: string;
  readonly fields: Fields;
  readonly hex: string;
}

const folders = [join(import.meta.dirname, 'vectors'), process.env['HAMOK_VECTORS_DIR']].filter((folder) => !!folder);
const files = folders.flatMap((folder = '') =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name)),
);

function readVectors(file: string): Vector[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line));
}

const bytesOf = (vector: Vector): Uint8Array => Uint8Array.from(Buffer.from(vector.hex, 'hex'));

test('the vectors of both dialects are here', () => {
  const counts = files.map((file) => [basename(file), readVectors(file).length]);
  expect(counts).toContainEqual(['hamok-2.6.jsonl', 218]);
  expect(counts).toContainEqual(['java-1.0.jsonl', 165]);
});

describe.each(files)('%s', (file) => {
  const vectors = readVectors(file);
  // The Java grid names its types, ours are numbers.
  if (vectors.some((vector) => typeof vector.fields['type'] === 'string')) testJava(vectors);
  else testHamok(vectors);
});

function testHamok(vectors: readonly Vector[]): void {
  test.each(vectors)('$name', (vector) => {
    const bytes = bytesOf(vector);
    const message = HamokMessage.fromBinary(bytes);
    expect(hexOf(message.toBinary())).toBe(vector.hex);
    expect(fieldsOf(message)).toEqual(vector.fields);
    // By now every embedded message was decoded, so this encodes them anew.
    expect(hexOf(message.toBinary())).toBe(vector.hex);
    expect(messageTypeOf(bytes)).toBe(vector.fields['type']);
    expect(dialectOf(bytes)).not.toBe('java');
    if (message.protocol !== undefined || message.type !== undefined) expect(dialectOf(bytes)).toBe('hamok');

    const generated = fromBinary(HamokMessageSchema, bytes);
    expect(generatedFieldsOf(HamokMessageSchema, generated)).toEqual(vector.fields);
    expect(hexOf(toBinary(HamokMessageSchema, generated))).toBe(vector.hex);
  });
}

function testJava(vectors: readonly Vector[]): void {
  test.each(vectors)('$name', (vector) => {
    const bytes = bytesOf(vector);
    const message = decodeJavaMessage(bytes);
    expect(generatedFieldsOf(JavaMessageSchema, message)).toEqual(vector.fields);
    expect(hexOf(encodeJavaMessage(message))).toBe(vector.hex);
    expect(dialectOf(bytes)).not.toBe('hamok');
    if (vector.fields['sourceId'] !== undefined) expect(dialectOf(bytes)).toBe('java');
  });
}
