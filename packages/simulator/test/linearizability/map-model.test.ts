import { describe, expect, test } from 'vitest';
import { checkLinearizable, type MapInput, type MapOutput, mapModel } from '../../src/linearizability/index.js';
import { historyOf } from './histories.js';

function input([type = '', key = '', value = '', other = '']: readonly string[]): MapInput {
  switch (type) {
    case 'get':
    case 'delete':
    case 'clear':
      return { type, key };
    case 'set':
    case 'insert':
      return { type, key, value };
    case 'updateIf':
      return { type, key, value, oldValue: other };
    case 'removeIf':
      return { type, key, oldValue: value };
    case 'compareAndSet':
      return { type, key, value, read: other === '' ? undefined : other };
    default:
      throw new SyntaxError(type);
  }
}

function output(word: string | undefined): MapOutput {
  return word === 'true' || word === 'false' ? word === 'true' : word;
}

const check = (text: string) => checkLinearizable(mapModel, historyOf(text, input, output));

/** Each as an engineer would write it down; `good` and `bad` are what the literature and other checkers hold them for. */
const good: Record<string, string> = {
  nothing: '',
  'a write and a later read': 'a set x 1\na =\nb get x\nb = 1',
  'a read beside a write sees the old value': 'a set x 1\nb get x\nb =\na =',
  'a read beside a write sees the new value': 'a set x 1\nb get x\nb = 1\na =',
  'two writes at once, in the order that the read shows': 'a set x 1\nb set x 2\na = 2\nb =\nc get x\nc = 1',
  'reads beside one write: old, then new': 'a set x 1\nb get x\nb =\nb get x\nb = 1\na =',
  'a write of unknown outcome that took effect': 'a set x 1\nb get x\nb = 1',
  'a write of unknown outcome that did not': 'a set x 1\nb get x\nb =\nb get x\nb =',
  'a write of unknown outcome that took effect late': 'a set x 1\nb set x 2\nb =\nb get x\nb = 2\nb get x\nb = 1',
  'a write that was refused': 'a set x 1\na refused\nb get x\nb =',
  'insert gives what is there': 'a insert x 1\na =\nb insert x 2\nb = 1\nb get x\nb = 1',
  'of two inserts at once one wins': 'a insert x 1\nb insert x 2\na = 2\nb =\nb get x\nb = 2',
  'updateIf in a chain': 'a set x 1\na =\na updateIf x 2 1\nb updateIf x 3 2\nb = true\na = true\nc get x\nc = 3',
  'updateIf finds another value': 'a set x 1\na =\na updateIf x 2 5\na = false\na get x\na = 1',
  'delete once': 'a set x 1\na =\na delete x\nb delete x\na = false\nb = true\nb get x\nb =',
  removeIf: 'a set x 1\na =\na removeIf x 2\na = false\na removeIf x 1\na = true\na get x\na =',
  'compareAndSet of what was read': 'a set x 1\na =\na compareAndSet x 2 1\nb compareAndSet x 3 1\na = false\nb = true',
  'compareAndSet where nothing is': 'a compareAndSet x 1\na = true\nb compareAndSet x 2\nb = false',
  'a clear beside a write, before it or behind it': 'a set x 1\nb clear x\na =\nb =\nc get x\nc = 1\nd get x\nd = 1',
  'a clear that finds nothing first, and takes effect behind a write':
    'b clear x\na get x\na =\na set x 1\na =\na get x\na = 1\na insert x 2\na =\nb =',
  'keys do not order each other': 'a set x 1\na =\nb get y\nb =\na set y 1\na =\nb get x\nb = 1',
};

const bad: Record<string, string> = {
  'a lost write': 'a set x 1\na =\nb get x\nb =',
  'a value from nowhere': 'a get x\na = 7',
  'a stale read': 'a set x 1\na =\na set x 2\na = 1\nb get x\nb = 1',
  'new, then old': 'a set x 1\nb get x\nb = 1\nb get x\nb =\na =',
  'two readers see two orders': 'a set x 1\nb set x 2\na = 2\nb =\nc get x\nc = 1\nd get x\nd = 2',
  'two writes of unknown outcome, each seen twice':
    'a set x 1\nb set x 2\nc get x\nc = 1\nc get x\nc = 2\nc get x\nc = 1',
  'a refused write is seen': 'a set x 1\na refused\nb get x\nb = 1',
  'an unknown write is seen before it was invoked': 'b get x\nb = 1\na set x 1',
  'a wrong previous value': 'a set x 1\na =\nb set x 2\nb =\n',
  'two inserts both win': 'a insert x 1\nb insert x 2\na =\nb =',
  'a lost update': 'a set x 1\na =\na updateIf x 2 1\nb updateIf x 3 1\na = true\nb = true',
  'one value deleted twice': 'a set x 1\na =\na delete x\nb delete x\na = true\nb = true',
  'two compareAndSet of one revision': 'a compareAndSet x 1\nb compareAndSet x 2\na = true\nb = true',
  'a cleared value comes back': 'a set x 1\na =\na clear x\na =\nb get x\nb = 1',
  'one clear takes two values': 'b clear x\na set x 1\na =\na insert x 2\na =\na insert x 3\na =\nb =',
  'a deleted value comes back': 'a set x 1\na =\na delete x\na = true\nb get x\nb = 1',
};

describe('a map', () => {
  test.each(Object.keys(good))('allows: %s', (name) => {
    expect(check(good[name] ?? '')).toEqual({ outcome: 'linearizable' });
  });

  test.each(Object.keys(bad))('refutes: %s', (name) => {
    expect(check(bad[name] ?? '')).toMatchObject({ outcome: 'refuted', object: 'x' });
  });

  test('says what no order explains, and what the key could hold', () => {
    const verdict = check('a set x 1\na =\na set x 2\na = 1\nb get x\nb = 1\nb get x\nb = 2');
    expect(verdict).toEqual({
      outcome: 'refuted',
      object: 'x',
      at: 5,
      message: [
        'x: no order explains that b get(x) -> 1 [4.0, 5.0]; it could hold "2"',
        '  a set(x, 1) -> undefined [0.0, 1.0]',
        '  a set(x, 2) -> 1 [2.0, 3.0]',
        '  b get(x) -> 1 [4.0, 5.0]',
      ].join('\n'),
    });
  });

  test('is undecided, not stuck, where the order would take too long to find', () => {
    const writes = Array.from({ length: 24 }, (_, i) => `c${i} set x ${i}`);
    const reads = Array.from({ length: 12 }, (_, i) => `r get x\nr = ${2 * i}`);
    const history = historyOf([...writes, ...reads, 'r get x', 'r = nowhere'].join('\n'), input, output);
    expect(checkLinearizable(mapModel, history, 2000)).toEqual({ outcome: 'undecided', object: 'x' });
  });

  test('thousands of operations with unknown outcomes among them take no time to speak of', () => {
    const lines: string[] = ['a set x 0', 'a ='];
    for (let i = 1; i < 3000; i++)
      lines.push(
        `a set x ${i}`,
        ...(i % 100 === 0 ? [] : [`b get x`, `a = ${i % 100 === 1 && i > 1 ? i - 2 : i - 1}`, `b = ${i}`]),
      );
    expect(checkLinearizable(mapModel, historyOf(lines.join('\n'), input, output), 20_000)).toEqual({
      outcome: 'linearizable',
    });
  });
});
