import type { Model } from './model.js';
import type { Operation } from './operation.js';
import type { Search } from './search.js';

const operationsShown = 12;

/** Names the return that no order explains, what the object could hold then, and what led there. */
export function describeRefutation<State, Input, Output>(
  model: Model<State, Input, Output>,
  object: string,
  operations: readonly Operation<Input, Output>[],
  { impossible, statesThere }: Search<State, Input, Output>,
): string {
  if (!impossible?.returned) return `${object}: no order explains it`;
  const until = impossible.returned.sequence;
  const before = operations.filter(({ invoked }) => invoked.sequence <= until);
  const states = [...statesThere].join(' or ');
  return [
    `${object}: no order explains that ${describe(model, impossible)}; it could hold ${states}`,
    ...before.slice(-operationsShown).map((operation) => `  ${describe(model, operation)}`),
  ].join('\n');
}

function describe<State, Input, Output>(
  model: Model<State, Input, Output>,
  { client, input, invoked, returned }: Operation<Input, Output>,
): string {
  const outcome = returned ? `-> ${returned.output}` : '-> unknown';
  const until = returned ? returned.time.toFixed(1) : '...';
  return `${client} ${model.describeInput(input)} ${outcome} [${invoked.time.toFixed(1)}, ${until}]`;
}
