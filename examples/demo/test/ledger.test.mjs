import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, digestOf } from '../dist/content.js';
import { Ledger } from '../dist/ledger.js';

const write = (map, key, value) => ({ map, key, digest: digestOf(value) });

test('only the last value of a key counts', () => {
  const ledger = new Ledger();
  ledger.record(write('m', 'k', 1));
  ledger.record(write('m', 'k', 2));
  assert.equal(ledger.count('m'), 1);
  assert.deepEqual(ledger.missingFrom([contentOf('m', [['k', 2]])]), []);
  assert.deepEqual(ledger.missingFrom([contentOf('m', [['k', 1]])]), [write('m', 'k', 2)]);
});

test('what is not there at all is missing: the key, or the whole map', () => {
  const ledger = new Ledger();
  ledger.record(write('m', 'toString', 1));
  assert.ok(ledger.has('m', 'toString'));
  assert.ok(!ledger.has('m', 'other'));
  assert.deepEqual(ledger.missingFrom([contentOf('m', [])]), [write('m', 'toString', 1)]);
  assert.deepEqual(ledger.missingFrom([]), [write('m', 'toString', 1)]);
});
