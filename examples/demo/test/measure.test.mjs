import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureLatency, measureThroughput, percentile } from '../dist/member/measure.js';

test('a percentile is a value that was measured', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([7], 0.5), 7);
});

test('latency is measured one call at a time, the warm-up not counted', async () => {
  let inFlight = 0;
  const seen = [];
  const { latency, writes } = await measureLatency(
    async (n) => {
      assert.equal(inFlight++, 0);
      await new Promise(setImmediate);
      seen.push(n);
      inFlight--;
    },
    { warmUp: 3, samples: 20 },
  );
  assert.deepEqual(seen, [...Array(23).keys()]);
  assert.equal(writes, 23);
  assert.equal(latency.samples, 20);
  assert.ok(latency.p50InMs > 0 && latency.p50InMs <= latency.p99InMs);
});

test('throughput keeps so many calls in flight, and counts those of the measured time only', async () => {
  let inFlight = 0;
  let most = 0;
  let calls = 0;
  const { throughput, writes } = await measureThroughput(
    async () => {
      calls++;
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight--;
    },
    { inFlight: 8, warmUpInMs: 20, durationInMs: 40 },
  );
  assert.equal(most, 8);
  assert.equal(writes, calls);
  assert.ok(throughput.sets > 0 && throughput.sets < writes);
});
