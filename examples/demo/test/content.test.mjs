import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, digestOf } from '../dist/content.js';

test('the same entries have the same hash, in whatever order they were inserted', () => {
  const entries = [
    ['b', { n: 2 }],
    ['a', { n: 1 }],
  ];
  const one = contentOf('map', entries);
  assert.deepEqual(contentOf('map', entries.toReversed()), one);
  assert.equal(one.size, 2);
  assert.deepEqual(one.digests, { a: digestOf({ n: 1 }), b: digestOf({ n: 2 }) });
});

test('another value, another key and a missing entry each give another hash', () => {
  const hashes = [
    [['a', 1]],
    [['a', 2]],
    [['b', 1]],
    [
      ['a', 1],
      ['b', 1],
    ],
    [],
  ].map((entries) => contentOf('map', entries).hash);
  assert.equal(new Set(hashes).size, hashes.length);
});
