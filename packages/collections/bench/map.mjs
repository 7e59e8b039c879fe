// Prints what the map costs: a local get beside a bare Map's, and sets a second over the engine of one.
// Build first; then: node packages/collections/bench/map.mjs
import { Collections, SingleMemberEngine } from '../dist/index.js';

const collections = new Collections(new SingleMemberEngine());
const map = collections.createMap({ mapId: 'bench' });
await collections.start();
await map.ready;

const keys = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);

async function sets(count, inFlight) {
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < count; i = next++) await map.set(keys[i % keys.length], i);
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, caller));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round(count / seconds).toLocaleString('en');
  console.log(
    `set, ${inFlight} in flight: ${perSecond} a second, ${((user + system) / count).toFixed(2)} µs of CPU each`,
  );
}

function gets(name, target, rounds = 200) {
  let sum = 0;
  const start = performance.now();
  for (let round = 0; round < rounds; round++) for (const key of keys) sum += target.get(key);
  const ns = ((performance.now() - start) * 1e6) / rounds / keys.length;
  console.log(`${name}: ${ns.toFixed(1)} ns (${sum})`);
}

for (const inFlight of [1024, 1024, 1]) await sets(300_000, inFlight);
const bare = new Map(map);
for (let round = 0; round < 2; round++) {
  gets('get of a Map', bare);
  gets('get of the replicated map', map);
}

const start = performance.now();
let bytes = 0;
const snapshot = collections.machine.snapshot();
const cut = performance.now() - start;
for await (const chunk of snapshot) bytes += chunk.length;
const whole = performance.now() - start;
console.log(`snapshot of ${map.size} entries: cut in ${cut.toFixed(2)} ms, ${bytes} bytes in ${whole.toFixed(1)} ms`);
collections.close();
