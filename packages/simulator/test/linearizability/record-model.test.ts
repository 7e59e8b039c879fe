import { describe, expect, test } from 'vitest';
import {
  checkLinearizable,
  type Fields,
  type RecordInput,
  recordModel,
  textOf,
} from '../../src/linearizability/index.js';
import { historyOf } from './histories.js';

const fieldsOf = (words: string): Fields => Object.fromEntries(words.split(',').map((word) => word.split(':')));

function input([type, first = '', second = '', third = '']: readonly string[]): RecordInput {
  if (type === 'read') return { type };
  if (type === 'set' || type === 'insert') return { type, field: first, value: second };
  if (type === 'delete') return { type, field: first };
  if (type === 'updateIf') return { type, field: first, value: second, oldValue: third };
  if (type === 'insertInstance') return { type, fields: fieldsOf(first) };
  if (type === 'updateInstanceIf') return { type, fields: fieldsOf(first), oldFields: fieldsOf(second) };
  throw new SyntaxError(type);
}

function output(word: string | undefined): string | boolean | undefined {
  if (word === 'true' || word === 'false') return word === 'true';
  return word?.includes(':') ? textOf(fieldsOf(word)) : word;
}

const check = (text: string) => checkLinearizable(recordModel, historyOf(text, input, output)).outcome;

describe('a record', () => {
  test.each([
    ['a field at a time', 'a set x 1\na =\nb insert x 2\nb = 1\na delete x\na = true\na delete x\na = false'],
    ['several fields at one time', 'a insertInstance x:1,y:2\nb read\nb = x:1,y:2\na ='],
    ['fields that are there stay', 'a set x 1\na =\na insertInstance x:2,y:2\na = x:1\nb read\nb = x:1,y:2'],
    [
      'all or none',
      'a set x 1\na =\na updateInstanceIf x:2,y:2 x:1\na = true\nb updateInstanceIf x:3 x:1,y:2\nb = false',
    ],
    ['an update of unknown outcome', 'a set x 1\na =\nb updateIf x 2 1\nc read\nc = x:1\nc read\nc = x:2'],
  ])('allows: %s', (_, text) => {
    expect(check(text)).toBe('linearizable');
  });

  test.each([
    ['a lost field', 'a set x 1\na =\nb set y 1\nb =\nc read\nc = y:1'],
    ['half of a change', 'a insertInstance x:1,y:2\nb read\nb = x:1\na ='],
    ['an insert over what is there', 'a set x 1\na =\na insert x 2\na ='],
    ['an update from what is not there', 'a set x 1\na =\na updateInstanceIf y:1 x:2\na = true'],
    ['an update made twice', 'a set x 1\na =\nb updateIf x 2 1\nb = true\nc updateIf x 3 1\nc = true'],
  ])('refutes: %s', (_, text) => {
    expect(check(text)).toBe('refuted');
  });
});
