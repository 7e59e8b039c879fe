import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('who is killed expires, who leaves is gone at once, and all see it in one order', async () => {
  const { seenByA, seenByB, exitCode } = await play(story);
  assert.deepEqual(seenByA.slice(0, 3).sort(), ['a is there', 'b is there', 'c is there']);
  assert.deepEqual(seenByA.slice(3), ['c expired', 'c is there', 'b has left']);
  assert.deepEqual(seenByB, seenByA.slice(0, seenByB.length));
  assert.equal(exitCode, 0);
});
