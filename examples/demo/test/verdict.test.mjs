import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, digestOf } from '../dist/content.js';
import { Ledger } from '../dist/ledger.js';
import { problemsOf } from '../dist/verdict.js';

const entries = [
  ['a', 1],
  ['b', 2],
];
const member = (id, ...held) => ({ id, maps: [contentOf('m', held)] });
const ledger = new Ledger();
for (const [key, value] of entries) ledger.record({ map: 'm', key, digest: digestOf(value) });

test('members that hold the same, and all that was acknowledged, have no problem', () => {
  assert.deepEqual(problemsOf([member('b', ...entries), member('c', ...entries.toReversed())], ledger), []);
});

test('members may hold more than was acknowledged, if it is the same', () => {
  const more = [...entries, ['c', 3]];
  assert.deepEqual(problemsOf([member('b', ...more), member('c', ...more)], ledger), []);
});

test('a difference is a problem, also in what nobody was acknowledged', () => {
  const problems = problemsOf([member('b', ...entries), member('c', ...entries, ['c', 3])], ledger);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /"m" differs: b holds 2 entries, .*c holds 3/);
});

test('a map that only one member has is a problem', () => {
  const [problem] = problemsOf([member('b', ...entries), { id: 'c', maps: [] }], new Ledger());
  assert.match(problem, /c has none/);
});

test('an acknowledged write that both lost is a problem of each', () => {
  const problems = problemsOf([member('b', ['a', 1]), member('c', ['a', 1])], ledger);
  assert.equal(problems.length, 2);
  assert.match(problems[0], /1 acknowledged writes are missing from b, "b" of "m"/);
});

test('an acknowledged write with another value is a problem', () => {
  const other = [
    ['a', 1],
    ['b', 3],
  ];
  assert.equal(problemsOf([member('b', ...other), member('c', ...other)], ledger).length, 2);
});

test('nobody left is a problem', () => {
  assert.deepEqual(problemsOf([], ledger), ['there is no member to compare']);
});
