// Prints what a remote map costs over the engine of one and a storage in this process: what a database takes comes on top.
// Build first; then: node packages/collections/bench/remote-map.mjs
import { Collections, memoryStorage, SingleMemberEngine } from '../dist/index.js';
import { TestDatabase } from '../dist/testing/index.js';

const collections = new Collections(new SingleMemberEngine());
await collections.start();

async function measure(name, count, callers, work) {
  let next = 0;
  const caller = async () => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round(count / seconds).toLocaleString('en');
  console.log(`${name}: ${perSecond} a second, ${((user + system) / count).toFixed(2)} µs of CPU each`);
}

const storages = {
  'at least once': memoryStorage({ id: 'plain' }),
  once: new TestDatabase().transactionalClient('a'),
};
for (const [name, remoteMap] of Object.entries(storages)) {
  const map = collections.createRemoteMap({ mapId: name, remoteMap });
  await map.ready;
  for (let round = 0; round < 2; round++)
    for (const callers of [64, 1]) {
      await measure(`set, ${name}, ${callers} callers`, 20_000, callers, (i) => map.set(`key-${i % 100}`, i));
    }
}
const map = collections.getOrCreateRemoteMap({ mapId: 'at least once' });
const batch = Array.from({ length: 1000 }, (_, i) => [`key-${i}`, i]);
await measure('setAll of 1000 entries, at least once', 200, 1, () => map.setAll(batch));
collections.close();
