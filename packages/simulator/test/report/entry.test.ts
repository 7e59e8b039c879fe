import type { Entry } from '@hamok/raft';
import { expect, test } from 'vitest';
import { describeEntries, describeLinks } from '../../src/report/entry.js';

const command = (index: number, term: number): Entry => ({
  index,
  term,
  time: 0,
  kind: 'command',
  data: new Uint8Array(),
});

test('entries that follow each other in one term are put together', () => {
  const begin: Entry = { ...command(3, 2), kind: 'no-op' };
  expect(describeEntries([command(0, 1), command(1, 1), command(2, 1), begin, command(4, 2), command(6, 2)])).toBe(
    '0..2/1 3/2· 4/2 6/2',
  );
  expect(describeEntries([])).toBe('');
});

test('links are put together by their ends', () => {
  const sides = ['a', 'b'].flatMap((one): [string, string][] =>
    ['c', 'd'].flatMap((other) => [
      [one, other],
      [other, one],
    ]),
  );
  expect(describeLinks(sides)).toBe('a b <> c d');
  expect(
    describeLinks([
      ['a', 'b'],
      ['c', 'b'],
    ]),
  ).toBe('a c > b');
});
