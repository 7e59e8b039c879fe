import type { Effect, Model } from './model.js';

export type QueueInput =
  | { readonly type: 'push'; readonly queue: string; readonly items: readonly string[] }
  /** `pop` and `peek` give undefined where there is nothing; `wait` until there is something. */
  | { readonly type: 'pop' | 'peek' | 'wait'; readonly queue: string };

export type QueueOutput = string | undefined;

type Items = readonly string[];

/** First in, first out. */
export const queueModel: Model<Items, QueueInput, QueueOutput> = {
  initial: [],
  objectOf: ({ queue }) => queue,
  apply,
  describe: (items) => JSON.stringify(items),
  describeInput: (input) => `${input.type}(${input.type === 'push' ? input.items.join(', ') : ''})`,
};

function apply(items: Items, input: QueueInput): Effect<Items, QueueOutput> | undefined {
  const [first, ...others] = items;
  switch (input.type) {
    case 'push':
      return { state: [...items, ...input.items], output: undefined };
    case 'peek':
      return { state: items, output: first };
    case 'wait':
      return first === undefined ? undefined : { state: others, output: first };
    case 'pop':
      return { state: others, output: first };
  }
}
