import type { Model } from './model.js';
import type { Operation } from './operation.js';
import { describeRefutation } from './refutation.js';
import { Search } from './search.js';

export type Verdict =
  | { readonly outcome: 'linearizable' }
  /** The search was given up: nothing is known. */
  | { readonly outcome: 'undecided'; readonly object: string }
  /** `at`: when the operation returned that no order explains, in ms of virtual time. */
  | { readonly outcome: 'refuted'; readonly object: string; readonly message: string; readonly at: number | undefined };

const defaultMaxSteps = 200_000;

/**
 * Whether the operations can be put in one order that the model allows and in which none moves before its invocation or behind its
 * return (Herlihy and Wing 1990). Each object is searched on its own, for `maxSteps` configurations at most.
 */
export function checkLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  maxSteps = defaultMaxSteps,
): Verdict {
  let undecided: string | undefined;
  for (const [object, own] of byObject(model, operations)) {
    const search = new Search(model, own, maxSteps);
    const answer = search.run();
    if (answer === 'none') {
      const at = search.impossible?.returned?.time;
      return { outcome: 'refuted', object, message: describeRefutation(model, object, own, search), at };
    }
    if (answer === 'undecided') undecided ??= object;
  }
  return undecided === undefined ? { outcome: 'linearizable' } : { outcome: 'undecided', object: undecided };
}

function byObject<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): Map<string, Operation<Input, Output>[]> {
  const objects = new Map<string, Operation<Input, Output>[]>();
  for (const operation of operations) {
    const object = model.objectOf(operation.input);
    const own = objects.get(object);
    if (own) own.push(operation);
    else objects.set(object, [operation]);
  }
  return objects;
}
