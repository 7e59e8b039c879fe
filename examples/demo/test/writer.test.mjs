import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Writer } from '../dist/member/writer.js';

test('numbers its writes, and makes none after it was stopped', async () => {
  const writer = new Writer();
  const numbers = [];
  const { writes } = await writer.run(async (n) => {
    numbers.push(n);
    if (n === 4) writer.stop();
  });
  assert.equal(writes, 5);
  assert.deepEqual(numbers, [0, 1, 2, 3, 4]);
});

test('ends once the write under way is acknowledged, and tells the longest wait', async () => {
  const writer = new Writer();
  let acknowledged = 0;
  const { writes, longestWaitInMs } = await writer.run(async (n) => {
    if (n === 2) writer.stop();
    if (n === 1) await delay(50);
    acknowledged++;
  });
  assert.equal(acknowledged, writes);
  assert.ok(longestWaitInMs >= 49, `${longestWaitInMs} ms`);
});

test('a write that fails ends it', async () => {
  const failing = async () => {
    throw new Error('refused');
  };
  await assert.rejects(new Writer().run(failing), /refused/);
});
