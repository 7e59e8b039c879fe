import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('the leader alone runs the task, another one goes on when it is gone, and no run is done twice', async () => {
  const { successions, runs } = await play(story);
  const [first, second, third] = successions;
  assert.ok(first && second && third);
  assert.notEqual(second.by, first.by);
  assert.notEqual(third.by, second.by);
  assert.ok(first.term < second.term && second.term < third.term, 'each later leader has a higher term');
  const numbers = runs.map(({ number }) => number);
  assert.deepEqual([...new Set(numbers)], numbers, 'each is run once');
});
