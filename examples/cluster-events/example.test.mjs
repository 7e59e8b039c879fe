import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('all hear all events in one order, and who was killed is unsubscribed', async () => {
  const { subscribed, heard, deliveredTo, left } = await play(story);
  assert.deepEqual(idsIn(subscribed), ['a', 'b', 'c']);
  const [first = []] = heard;
  assert.equal(new Set(first).size, 12);
  for (const lines of heard) assert.deepEqual(lines, first);
  assert.equal(deliveredTo, 'a b');
  assert.deepEqual(idsIn(left), ['a', 'b']);
});

/** @param {string | undefined} subscriptions */
function idsIn(subscriptions = '[]') {
  /** @type {[id: string, metaData: { pid: number }][]} */
  const pairs = JSON.parse(subscriptions);
  for (const [, { pid }] of pairs) assert.ok(pid > 0);
  return pairs.map(([id]) => id).sort();
}
