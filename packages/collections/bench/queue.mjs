// Prints what a queue costs over the engine of one: pops and pushes a second, for callers that find an item and for those that wait.
// Build first; then: node packages/collections/bench/queue.mjs
import { Collections, SingleMemberEngine } from '../dist/index.js';
import { measure } from './measure.mjs';

const collections = new Collections(new SingleMemberEngine());
await collections.start();
const queue = collections.createQueue({ queueId: 'bench' });
await queue.ready;

async function fill(count) {
  for (let i = 0; i < count; i += 1000) await queue.push(...Array.from({ length: 1000 }, (_, j) => i + j));
}

for (let round = 0; round < 2; round++) {
  await measure('push, 64 callers', 100_000, 64, (i) => queue.push(i));
  await measure('pop of 100,000 items, 64 callers', 100_000, 64, () => queue.pop());
  await fill(50_000);
  await measure('take and ack, 64 callers', 50_000, 64, async () => (await queue.take()).ack());
  await measure('push and pop that waits, 64 callers', 50_000, 64, async (i) => {
    const popped = queue.pop({ wait: true });
    await queue.push(i);
    await popped;
  });
}

await fill(100_000);
const start = performance.now();
let bytes = 0;
const snapshot = collections.machine.snapshot();
const cut = performance.now() - start;
for await (const chunk of snapshot) bytes += chunk.length;
const whole = performance.now() - start;
console.log(`snapshot of ${queue.size} items: cut in ${cut.toFixed(2)} ms, ${bytes} bytes in ${whole.toFixed(1)} ms`);
collections.close();
