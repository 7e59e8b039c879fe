// Prints what a remote map costs over the engine of one and a storage in this process: what a database takes comes on top.
// Build first; then: node packages/collections/bench/remote-map.mjs
import { Collections, memoryStorage, SingleMemberEngine } from '../dist/index.js';
import { TestDatabase } from '../dist/testing/index.js';
import { measure } from './measure.mjs';

const collections = new Collections(new SingleMemberEngine());
await collections.start();

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
