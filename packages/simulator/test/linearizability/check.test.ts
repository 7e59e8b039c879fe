import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkLinearizable,
  type MapInput,
  type MapOutput,
  type Model,
  mapModel,
  type Operation,
  type QueueInput,
  queueModel,
} from '../../src/linearizability/index.js';
import { execute, isLinearizableByForce } from './histories.js';

const key = fc.constantFrom('x', 'y');
const value = fc.constantFrom('1', '2', '3');
const mapInput: fc.Arbitrary<MapInput> = fc.oneof(
  fc.record({ type: fc.constantFrom('get' as const, 'get' as const, 'delete' as const), key }),
  fc.record({ type: fc.constantFrom('set' as const, 'insert' as const), key, value }),
  fc.record({ type: fc.constant('updateIf' as const), key, value, oldValue: value }),
  fc.record({ type: fc.constant('removeIf' as const), key, oldValue: value }),
  fc.record({ type: fc.constant('compareAndSet' as const), key, value, read: fc.option(value, { nil: undefined }) }),
);
const queueInput: fc.Arbitrary<QueueInput> = fc.oneof(
  fc.record({
    type: fc.constant('push' as const),
    queue: fc.constant('q'),
    items: fc.array(value, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    type: fc.constantFrom('pop' as const, 'pop' as const, 'peek' as const, 'wait' as const),
    queue: fc.constant('q'),
  }),
);

/** Histories of concurrent clients. `most`: how many operations. */
function histories<State, Input, Output>(
  model: Model<State, Input, Output>,
  input: fc.Arbitrary<Input>,
  most: number,
): fc.Arbitrary<Operation<Input, Output>[]> {
  return fc
    .tuple(
      fc.array(input, { minLength: 1, maxLength: most }),
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat(1000)),
    )
    .map(([inputs, clients, stream]) => execute(model, inputs, clients, (below) => (stream.next().value ?? 0) % below));
}

test('what concurrent clients of one map see is linearizable', () => {
  fc.assert(
    fc.property(histories(mapModel, mapInput, 60), (history) => {
      expect(checkLinearizable(mapModel, history)).toEqual({ outcome: 'linearizable' });
    }),
    { numRuns: 300 },
  );
});

test('what concurrent clients of one queue see is linearizable', () => {
  fc.assert(
    fc.property(histories(queueModel, queueInput, 40), (history) => {
      expect(checkLinearizable(queueModel, history)).toEqual({ outcome: 'linearizable' });
    }),
    { numRuns: 300 },
  );
});

/** One output is changed: whether that can still be is for every order to say. */
function agreesWithForce<State, Input, Output>(
  model: Model<State, Input, Output>,
  input: fc.Arbitrary<Input>,
  other: fc.Arbitrary<Output>,
): void {
  let refuted = 0;
  let runs = 0;
  fc.assert(
    fc.property(histories(model, input, 7), fc.nat(), other, (history, at, output) => {
      const returned = history.filter((operation) => operation.returned);
      const victim = returned[at % Math.max(1, returned.length)];
      const changed = history.map((operation) =>
        operation === victim && operation.returned
          ? { ...operation, returned: { ...operation.returned, output } }
          : operation,
      );
      const expected = isLinearizableByForce(model, changed);
      expect(checkLinearizable(model, changed).outcome).toBe(expected ? 'linearizable' : 'refuted');
      runs++;
      if (!expected) refuted++;
    }),
    { numRuns: 1500 },
  );
  expect(refuted).toBeGreaterThan(runs / 10);
  expect(refuted).toBeLessThan(runs);
}

test('a map with one output changed is refuted exactly where every order is', () => {
  agreesWithForce<string | undefined, MapInput, MapOutput>(
    mapModel,
    mapInput,
    fc.oneof(fc.option(value, { nil: undefined }), fc.boolean()),
  );
});

test('a queue with one output changed is refuted exactly where every order is', () => {
  agreesWithForce(queueModel, queueInput, fc.option(value, { nil: undefined }));
});
