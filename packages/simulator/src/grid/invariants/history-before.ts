import type { Operation } from '../../linearizability/index.js';

/**
 * What a history was before the first operation of a kind whose outcome nobody knows: those that were under way then may have taken
 * effect, or not. What is linearizable is so up to any moment.
 */
export function operationsBefore<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  isOfKind: (input: Input) => boolean,
): Operation<Input, Output>[] {
  let end = Number.POSITIVE_INFINITY;
  for (const { input, invoked, returned } of operations)
    if (!returned && isOfKind(input)) end = Math.min(end, invoked.sequence);
  return operations.flatMap((operation) => {
    const { invoked, returned } = operation;
    if (invoked.sequence >= end) return [];
    return returned && returned.sequence > end ? { ...operation, returned: undefined } : operation;
  });
}
