import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { isFieldSet } from '@bufbuild/protobuf';
import { HamokMessageSchema } from '../src/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import type { HamokMessage } from '../src/index.js';

/** A message as the vectors write it down: bytes in base64, uint64 in decimal, only what is set. */
export type Fields = Record<string, unknown>;

function written(value: unknown, field: DescField): unknown {
  if (Array.isArray(value)) return value.map((item) => written(item, field));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return field.name === 'timestamp' ? String(value) : Number(value);
  return value;
}

/** What one of our messages holds. */
export function fieldsOf(message: HamokMessage): Fields {
  const values = new Map<string, unknown>(Object.entries(message));
  const fields: Fields = {};
  for (const field of HamokMessageSchema.fields) {
    const value = values.get(field.localName);
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      fields[field.name] = written(value, field);
  }
  if (message.embeddedMessages.length > 0) fields['embeddedMessages'] = message.embeddedMessages.map(fieldsOf);
  return fields;
}

/** What a message of the generated code holds. */
export function generatedFieldsOf(schema: DescMessage, message: Message): Fields {
  const values = new Map<string, unknown>(Object.entries(message));
  const fields: Fields = {};
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    const value = values.get(field.localName);
    fields[field.name] =
      field.message !== undefined && Array.isArray(value)
        ? value.map((embedded) => generatedFieldsOf(schema, embedded))
        : written(value, field);
  }
  return fields;
}

/** To compare bytes: quick to tell equal, and short enough to read when they are not. */
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
