import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('all instances see all changes in one order, and a latecomer finds what they agreed on', async () => {
  const { changes, contents } = await play(story);
  const [first = []] = changes;
  // The first is what was there at the start. A field that is set to what it is already has not changed, and none here is.
  assert.equal(first.length, 1 + 3 * 4);
  for (const seen of changes) assert.deepEqual(seen, first);
  assert.equal(contents.length, 4);
  for (const content of contents) assert.equal(content, contents[0]);
});
