import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fieldWireTypes, NO_FIELD } from '../src/field-wire-types.js';
import {
  type HamokMessage as GeneratedMessage,
  HamokMessageSchema,
} from '../src/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import { BadMessageError, dialectOf, HamokMessage, messageTypeOf } from '../src/index.js';
import { messagePair, unknownField } from './arbitraries.js';
import { fieldsOf, generatedFieldsOf, hexOf } from './fields.js';

// Many runs of small steps: how long they take says nothing.
vi.setConfig({ testTimeout: 120_000 });

/** What ours refuses and the generated code lets through: it takes wire types on trust, and numbers of any size. */
const STRICTER = /wire type|out of range|packed values end|illegal tag/;
/**
 * It also lets the last field of an embedded message run on behind that message, and goes on where that field ends. Ours goes on where
 * the message ends, in the midst of that field, where there may be no tag.
 */
const STRICTER_EMBEDDED = /wire type|out of range|packed values end|illegal tag|truncated/;

/** What `decode` returns, or the BadMessageError it throws; any other error fails the test. */
function attempt<T>(decode: () => T): T | BadMessageError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof BadMessageError) return error;
    throw error;
  }
}

function decodeEmbedded(message: HamokMessage): HamokMessage {
  message.embeddedMessages.forEach(decodeEmbedded);
  return message;
}

function decodeGenerated(bytes: Uint8Array): GeneratedMessage | undefined {
  try {
    return fromBinary(HamokMessageSchema, bytes);
  } catch {
    return undefined;
  }
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Same verdict as the generated code, and the same message, but where ours is stricter on purpose. */
function compareVerdicts(bytes: Uint8Array): void {
  const generated = decodeGenerated(bytes);
  const type = messageTypeOf(bytes);
  const outer = attempt(() => HamokMessage.fromBinary(bytes));
  const ours = outer instanceof BadMessageError ? outer : attempt(() => decodeEmbedded(outer));
  dialectOf(bytes);
  if (!(outer instanceof BadMessageError)) expect(type).toBe(outer.type);
  if (ours instanceof BadMessageError) {
    if (generated !== undefined) expect(ours.message).toMatch(ours === outer ? STRICTER : STRICTER_EMBEDDED);
    return;
  }
  expect(generated).toBeDefined();
  if (generated === undefined) return;
  // Through bytes once more, for the generated code sets an enum number that has no name aside, and ours keeps it in place.
  const again = fromBinary(HamokMessageSchema, ours.toBinary());
  expect(generatedFieldsOf(HamokMessageSchema, again)).toEqual(generatedFieldsOf(HamokMessageSchema, generated));
}

test('the table of wire types is that of the schema', () => {
  const numbers = Array.from(fieldWireTypes.keys()).filter((number) => fieldWireTypes[number] !== NO_FIELD);
  expect(numbers).toEqual(HamokMessageSchema.fields.map((field) => field.number));
});

test('encodes to the same bytes as the generated code', () => {
  fc.assert(
    fc.property(messagePair, ({ ours, generated }) => {
      expect(hexOf(ours.toBinary())).toBe(hexOf(toBinary(HamokMessageSchema, generated)));
    }),
  );
});

test('decodes to the same fields as the generated code, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(messagePair, ({ generated }) => {
      const bytes = toBinary(HamokMessageSchema, generated);
      const message = HamokMessage.fromBinary(bytes);
      expect(hexOf(message.toBinary())).toBe(hexOf(bytes));
      expect(fieldsOf(message)).toEqual(generatedFieldsOf(HamokMessageSchema, fromBinary(HamokMessageSchema, bytes)));
      expect(hexOf(message.toBinary())).toBe(hexOf(bytes));
      expect(messageTypeOf(bytes)).toBe(message.type);
      expect(message.clone().equals(message)).toBe(true);
    }),
  );
});

test('takes JSON from the generated code and gives it the same', () => {
  fc.assert(
    fc.property(messagePair, ({ ours }) => {
      const message = ours.clone();
      expect(HamokMessage.fromJsonString(message.toJsonString()).equals(message)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('keeps unknown fields, and writes them last', () => {
  fc.assert(
    fc.property(messagePair, fc.array(unknownField, { minLength: 1 }), ({ ours }, unknown) => {
      const known = ours.toBinary();
      const bytes = concat(...unknown, known);
      const message = HamokMessage.fromBinary(bytes);
      expect(hexOf(message.toBinary())).toBe(hexOf(concat(known, ...unknown)));
      expect(hexOf(message.toBinary())).toBe(
        hexOf(toBinary(HamokMessageSchema, fromBinary(HamokMessageSchema, bytes))),
      );
    }),
  );
});

test('random bytes are a message or a BadMessageError, as the generated code decides', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), compareVerdicts), { numRuns: 2000 });
});

test('damaged messages are a message or a BadMessageError, as the generated code decides', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(messagePair, damage, fc.option(fc.nat()), ({ ours }, changes, cut) => {
      const bytes = ours.toBinary();
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      compareVerdicts(cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1)));
    }),
    { numRuns: 400 },
  );
});
