// Prints what the map costs: a local get beside a bare Map's, changes a second over the engine of one, and memory.
// Build first; then: node --expose-gc packages/collections/bench/map.mjs
import { Collections, SingleMemberEngine } from '../dist/index.js';
import { measure } from './measure.mjs';

const collections = new Collections(new SingleMemberEngine());
await collections.start();
const keys = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);
const map = await createMap('bench');

async function createMap(mapId, options) {
  const created = collections.createMap({ mapId, ...options });
  await created.ready;
  return created;
}

const sets = (name, count, inFlight, set) =>
  measure(`${name}, ${inFlight} in flight`, count, inFlight, (i) => set(keys[i % keys.length], i));

/** ns of a get, over all keys. */
function get(target) {
  let sum = 0;
  const start = performance.now();
  for (const key of keys) sum += target.get(key);
  const ns = ((performance.now() - start) * 1e6) / keys.length;
  if (Number.isNaN(sum)) throw new Error('a key is missing');
  return ns;
}

/** By turns, so that what else the machine does strikes both; and of each the median. */
function compareGets(bare, replicated, rounds = 400) {
  const times = { bare: [], replicated: [] };
  for (let round = 0; round < rounds; round++) {
    times.bare.push(get(bare));
    times.replicated.push(get(replicated));
  }
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1] ?? 0;
  const [one, other] = [median(times.bare), median(times.replicated)];
  console.log(
    `get of a Map: ${one.toFixed(1)} ns; of the replicated map: ${other.toFixed(1)} ns, ${(other / one).toFixed(2)} times that`,
  );
}

function used() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function memory(name, options) {
  const count = 100_000;
  const before = used();
  const large = await createMap(name);
  for (let from = 0; from < count; from += 1000) {
    const batch = Array.from({ length: 1000 }, (_, i) => [`key-${from + i}`, from + i]);
    if (options?.single) await Promise.all(batch.map(([key, value]) => large.set(key, value)));
    else await large.setAll(batch, options);
  }
  const written = used();
  for (const key of large.keys()) large.get(key);
  const read = used();
  const each = (bytes) => ((bytes - before) / count).toFixed(0);
  console.log(`${name}: ${each(written)} bytes an entry, ${each(read)} once all were read`);
  return large;
}

for (const inFlight of [1024, 1024, 1]) await sets('set', 300_000, inFlight, (key, i) => map.set(key, i));
for (let round = 0; round < 2; round++)
  await sets('set with ttl', 300_000, 1024, (key, i) => map.set(key, i, { ttlInMs: 60_000 }));
const watched = await createMap('watched', { watchRetention: {} });
await sets('set of a map with retained changes', 300_000, 1024, (key, i) => watched.set(key, i));
const batch = keys.slice(0, 1000).map((key, i) => [key, i]);
await measure('setAll of 1000 entries', 500, 1, () => map.setAll(batch));

compareGets(new Map(map), map);

function memoryOfMap(count) {
  const before = used();
  const bare = new Map(Array.from({ length: count }, (_, i) => [`key-${i}`, i]));
  console.log(
    `${bare.size.toLocaleString('en')} entries of a Map: ${((used() - before) / count).toFixed(0)} bytes an entry`,
  );
}

if (globalThis.gc === undefined) console.log('memory: without --expose-gc, garbage counts too');
memoryOfMap(100_000);
await memory('100,000 entries by setAll');
await memory('100,000 entries by set', { single: true });
const large = await memory('100,000 entries with an end', { ttlInMs: 3_600_000 });

const start = performance.now();
let bytes = 0;
const snapshot = collections.machine.snapshot();
const cut = performance.now() - start;
for await (const chunk of snapshot) bytes += chunk.length;
const whole = performance.now() - start;
console.log(
  `snapshot of all, ${large.size} with an end: cut in ${cut.toFixed(2)} ms, ${bytes} bytes in ${whole.toFixed(1)} ms`,
);
collections.close();
