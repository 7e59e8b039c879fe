// Prints what events cost: publish and notify a second over the engine of one, and the rich codec beside JSON.
// Build first; then: node packages/collections/bench/emitter.mjs
import { Collections, createJsonCodec, createRichCodec, SingleMemberEngine } from '../dist/index.js';
import { measure } from './measure.mjs';

const collections = new Collections(new SingleMemberEngine());
await collections.start();
const emitter = collections.createEmitter({ emitterId: 'bench' });
await emitter.ready;

let heard = 0;
await emitter.subscribe('counted', () => heard++);
for (let round = 0; round < 2; round++) {
  await measure('publish to one listener, 64 callers', 100_000, 64, (i) => emitter.publish('counted', i));
  await measure('publish to nobody, 64 callers', 100_000, 64, (i) => emitter.publish('other', i));
  await measure('notify one listener', 1_000_000, 1, (i) => void emitter.notify('counted', i));
}
console.log(`${heard.toLocaleString('en')} events heard`);

const value = { id: 12_345, name: 'a record', tags: ['x', 'y'], nested: { on: true, ratio: 0.5 }, list: [1, 2, 3, 4] };
for (const [name, codec] of Object.entries({ JSON: createJsonCodec(), rich: createRichCodec() })) {
  const encoded = codec.encode(value);
  await measure(`${name} encode (${encoded.length} bytes)`, 300_000, 1, () => void codec.encode(value));
  await measure(`${name} decode`, 300_000, 1, () => void codec.decode(encoded));
}
collections.close();
