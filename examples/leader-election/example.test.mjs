import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('one leads at a time, and another one when it is killed, or ends', async () => {
  const { leaders, exitCode } = await play(story);
  const [first, second, third] = leaders;
  assert.ok(first && second && third);
  assert.notEqual(second.id, first.id);
  assert.notEqual(third.id, second.id);
  assert.ok(first.term < second.term && second.term < third.term);
  assert.equal(exitCode, 0);
});
