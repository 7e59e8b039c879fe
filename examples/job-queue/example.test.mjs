import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

test('no job is lost: each is worked on at least once, and counted once', async () => {
  const { jobs, interrupted, doubled } = await play(story);
  assert.notEqual(interrupted, doubled);
  for (const { job, worked, done } of jobs) {
    assert.equal(done, 1, `${job} is counted once`);
    assert.equal(worked, job === doubled ? 2 : 1, `how often ${job} was worked on`);
  }
});
