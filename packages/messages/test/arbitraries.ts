import { create, type DescField, ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  type HamokMessage as GeneratedMessage,
  HamokMessageSchema,
} from '../src/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import { HamokMessage } from '../src/index.js';

const MAX_UINT64 = 2n ** 64n - 1n;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

const bytes = fc.oneof({ weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) }, fc.uint8Array({ maxLength: 400 }));
const text = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Around the longest text whose length takes one byte, and the longest that the decoder remembers.
  fc.constantFrom(63, 64, 65, 126, 127, 128, 129).map((length) => 'x'.repeat(length)),
  fc.constantFrom(42, 43, 64, 127, 128).map((length) => '\u20ac'.repeat(length)),
  // Lone surrogates among them: text that UTF-8 cannot hold.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

/** Values near every border of a varint's length, and of what is allowed. */
function integer(min: number, max: number): fc.Arbitrary<number> {
  const borders = [
    min,
    max,
    0,
    1,
    127,
    128,
    16_383,
    16_384,
    2 ** 21,
    2 ** 28,
    INT32_MAX,
    2 ** 31,
    2 ** 32,
    2 ** 35,
    2 ** 49,
  ];
  return fc.oneof(fc.constantFrom(...borders.filter((value) => value <= max)), fc.integer({ min, max }));
}

function anyValueOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map((value) => value.number));
  switch (field.scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return bytes;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return integer(INT32_MIN, INT32_MAX);
    case ScalarType.INT64:
      return integer(field.number <= 24 ? INT32_MIN : -1, Number.MAX_SAFE_INTEGER);
    case ScalarType.UINT64:
      return fc.bigInt({ min: 0n, max: MAX_UINT64 });
    default:
      throw new Error(`no arbitrary for ${field}`);
  }
}

/** The fields of any message but those embedded in it, by name. Derived from the schema, so that none is forgotten. */
const scalarFields: fc.Arbitrary<Record<string, unknown>> = fc.record(
  Object.fromEntries(
    HamokMessageSchema.fields
      .filter((field) => field.message === undefined)
      .map((field) => [
        field.localName,
        field.fieldKind === 'list' ? fc.array(anyValueOf(field), { minLength: 1, maxLength: 5 }) : anyValueOf(field),
      ]),
  ),
  { requiredKeys: [] },
);

interface Tree {
  readonly fields: Record<string, unknown>;
  readonly embedded: readonly Tree[];
}

function tree(depth: number): fc.Arbitrary<Tree> {
  const embedded = depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 2 });
  return fc.record({ fields: scalarFields, embedded });
}

const int64Fields = new Set(
  HamokMessageSchema.fields.filter((field) => field.scalar === ScalarType.INT64).map((field) => field.localName),
);

function ours({ fields, embedded }: Tree): HamokMessage {
  const message = new HamokMessage(fields);
  message.embeddedMessages = embedded.map(ours);
  return message;
}

function generated({ fields, embedded }: Tree): GeneratedMessage {
  const widened = Object.entries(fields).map(([name, value]) => {
    if (!int64Fields.has(name)) return [name, value];
    return [name, Array.isArray(value) ? value.map(BigInt) : BigInt(Number(value))];
  });
  return create(HamokMessageSchema, { ...Object.fromEntries(widened), embeddedMessages: embedded.map(generated) });
}

/** One and the same random message, as ours and as the generated code's. */
export const messagePair: fc.Arbitrary<{ ours: HamokMessage; generated: GeneratedMessage }> = tree(1).map((root) => ({
  ours: ours(root),
  generated: generated(root),
}));

/** Fields of numbers that the schema does not have, of every wire type, encoded. */
export const unknownField: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(9, 52, 128, 3000, 2 ** 29 - 1),
    fc.constantFrom([0, 0x96, 0x01], [1, 1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 0x61, 0x62, 0x63], [2, 0], [5, 1, 2, 3, 4]),
  )
  .map(([number, [wireType = 0, ...value]]) => {
    const tag: number[] = [];
    let rest = number * 8 + wireType;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) tag.push((rest % 128) | 0x80);
    return Uint8Array.from([...tag, rest, ...value]);
  });
