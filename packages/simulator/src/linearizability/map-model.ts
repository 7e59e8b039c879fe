import type { Effect, Model } from './model.js';

/** Keys and values as text. Values have to differ from write to write where `compareAndSet` is used. */
export type MapInput =
  | { readonly type: 'get' | 'delete' | 'remove' | 'clear'; readonly key: string }
  | { readonly type: 'set' | 'insert'; readonly key: string; readonly value: string }
  | { readonly type: 'updateIf'; readonly key: string; readonly value: string; readonly oldValue: string }
  | { readonly type: 'removeIf'; readonly key: string; readonly oldValue: string }
  | {
      readonly type: 'compareAndSet';
      readonly key: string;
      readonly value: string;
      /** What was read together with the revision that was given; undefined for a key that was not taken. */
      readonly read: string | undefined;
    };

export type MapOutput = string | boolean | undefined;

type Value = string | undefined;

/** A map is as many registers as it has keys. */
export const mapModel: Model<Value, MapInput, MapOutput> = {
  initial: undefined,
  objectOf: ({ key }) => key,
  apply,
  isBlind: ({ type }) => type === 'clear',
  describe: (value) => JSON.stringify(value) ?? 'nothing',
  describeInput({ type, ...rest }) {
    return `${type}(${Object.values(rest).join(', ')})`;
  },
};

function apply(present: Value, input: MapInput): Effect<Value, MapOutput> {
  switch (input.type) {
    case 'get':
      return { state: present, output: present };
    case 'set':
      return { state: input.value, output: present };
    case 'insert':
      return { state: present ?? input.value, output: present };
    case 'clear':
      return { state: undefined, output: undefined };
    case 'delete':
      return { state: undefined, output: present !== undefined };
    case 'remove':
      return { state: undefined, output: present };
    case 'updateIf':
      return present === input.oldValue ? { state: input.value, output: true } : { state: present, output: false };
    case 'removeIf':
      return present === input.oldValue ? { state: undefined, output: true } : { state: present, output: false };
    case 'compareAndSet':
      return present === input.read ? { state: input.value, output: true } : { state: present, output: false };
  }
}
