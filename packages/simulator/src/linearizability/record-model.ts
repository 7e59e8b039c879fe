import type { Effect, Model } from './model.js';

/** Fields with their values, as text. */
export type Fields = Readonly<Record<string, string>>;

/** A record is one object: what concerns several fields happens at one time. */
export type RecordInput = { readonly record?: string | undefined } & (
  | { readonly type: 'read' }
  | { readonly type: 'set' | 'insert'; readonly field: string; readonly value: string }
  | { readonly type: 'delete'; readonly field: string }
  | { readonly type: 'updateIf'; readonly field: string; readonly value: string; readonly oldValue: string }
  | { readonly type: 'insertInstance'; readonly fields: Fields }
  | { readonly type: 'updateInstanceIf'; readonly fields: Fields; readonly oldFields: Fields }
);

/** Several fields as `textOf` writes them. */
export type RecordOutput = string | boolean | undefined;

export const recordModel: Model<Fields, RecordInput, RecordOutput> = {
  initial: {},
  objectOf: ({ record = 'record' }) => record,
  apply,
  describe: textOf,
  describeInput({ type, record: _, ...rest }) {
    return `${type}(${Object.values(rest)
      .map((each) => (typeof each === 'string' ? each : textOf(each)))
      .join(', ')})`;
  },
};

/** The same for the same fields, in whatever order they were set. */
export function textOf(fields: Readonly<Record<string, string | undefined>>): string {
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function apply(present: Fields, input: RecordInput): Effect<Fields, RecordOutput> {
  switch (input.type) {
    case 'read':
      return { state: present, output: textOf(present) };
    case 'set':
      return { state: { ...present, [input.field]: input.value }, output: present[input.field] };
    case 'insert':
      return { state: { [input.field]: input.value, ...present }, output: present[input.field] };
    case 'delete': {
      const { [input.field]: gone, ...others } = present;
      return { state: others, output: gone !== undefined };
    }
    case 'updateIf':
      if (present[input.field] !== input.oldValue) return { state: present, output: false };
      return { state: { ...present, [input.field]: input.value }, output: true };
    case 'insertInstance': {
      const existing = Object.entries(present).filter(([field]) => field in input.fields);
      const output = existing.length === 0 ? undefined : textOf(Object.fromEntries(existing));
      return { state: { ...input.fields, ...present }, output };
    }
    case 'updateInstanceIf':
      if (Object.entries(input.oldFields).some(([field, value]) => present[field] !== value))
        return { state: present, output: false };
      return { state: { ...present, ...input.fields }, output: true };
  }
}
