import { describe, expect, test } from 'vitest';
import { checkLinearizable, type QueueInput, queueModel } from '../../src/linearizability/index.js';
import { historyOf } from './histories.js';

function input([type = '', ...items]: readonly string[]): QueueInput {
  if (type === 'push') return { type, queue: 'q', items };
  if (type === 'pop' || type === 'peek' || type === 'wait') return { type, queue: 'q' };
  throw new SyntaxError(type);
}

const check = (text: string) =>
  checkLinearizable(
    queueModel,
    historyOf(text, input, (word) => word),
  ).outcome;

describe('a queue', () => {
  test.each([
    ['first in, first out', 'a push 1 2\na =\nb pop\nb = 1\nb pop\nb = 2\nb pop\nb ='],
    ['pushes at once in either order', 'a push 1\nb push 2\na =\nb =\nc pop\nc = 2\nc pop\nc = 1'],
    ['pops at once', 'a push 1 2\na =\nb pop\nc pop\nb = 2\nc = 1'],
    ['nothing before the push took effect', 'a push 1\nb pop\nb =\na =\nb peek\nb = 1'],
    ['who waits gets what comes', 'a wait\nb push 1\nb =\na = 1\nb pop\nb ='],
    ['who waits for ever', 'a wait\nb pop\nb ='],
    ['a pop of unknown outcome took one', 'a push 1 2\na =\nb pop\nc pop\nc = 2'],
  ])('allows: %s', (_, text) => {
    expect(check(text)).toBe('linearizable');
  });

  test.each([
    ['one item to two takers', 'a push 1\na =\nb pop\nb = 1\nc pop\nc = 1'],
    ['last in, first out', 'a push 1\na =\na push 2\na =\nb pop\nb = 2'],
    ['a lost item', 'a push 1\na =\nb pop\nb ='],
    ['an item from nowhere', 'b pop\nb = 1'],
    ['items of one push torn apart', 'a push 1 2\nb push 3\na =\nb =\nc pop\nc = 1\nc pop\nc = 3'],
    ['a wait that ends with nothing', 'a wait\na ='],
  ])('refutes: %s', (_, text) => {
    expect(check(text)).toBe('refuted');
  });
});
