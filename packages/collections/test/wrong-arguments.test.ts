import { describe, expect, it } from 'vitest';
import { Collections, type HamokRecord, type HamokRecordSnapshot, SingleMemberEngine } from '../src/index.js';

/** What a program without types passes. */
const wrong = (value: unknown) => value as never;

async function start() {
  const collections = new Collections(new SingleMemberEngine());
  await collections.start();
  return {
    collections,
    map: collections.createMap<string, number>({ mapId: 'm' }),
    queue: collections.createQueue<number>({ queueId: 'q' }),
    record: collections.createRecord<{ a: number }>({ recordId: 'r' }),
    emitter: collections.createEmitter<{ e: [] }>({ emitterId: 'e' }),
    lock: collections.createLock({ lockId: 'l' }),
    counter: collections.createCounter({ counterId: 'n' }),
  };
}
type Started = Awaited<ReturnType<typeof start>>;
type Call = (started: Started) => Promise<unknown>;

const noSignal = { signal: wrong({ aborted: false }) };

describe('wrong arguments', () => {
  it.each<[what: string, field: string, call: Call]>([
    ['setAll()', 'entries', ({ map }) => map.setAll(wrong(undefined))],
    ['setAll(5)', 'entries', ({ map }) => map.setAll(wrong(5))],
    ['setAll([5])', 'entries', ({ map }) => map.setAll(wrong([5]))],
    ['insertAll(null)', 'entries', ({ map }) => map.insertAll(wrong(null))],
    ['deleteAll()', 'keys', ({ map }) => map.deleteAll(wrong(undefined))],
    ['removeAll({})', 'keys', ({ map }) => map.removeAll(wrong({}))],
    ['pushAll(5)', 'items', ({ queue }) => queue.pushAll(wrong(5))],
    ['insertInstance(null)', 'instance', ({ record }) => record.insertInstance(wrong(null))],
    ['updateInstanceIf(5)', 'instance', ({ record }) => record.updateInstanceIf(wrong(5), {})],
    ['set of a field that is a number', 'key', ({ record }) => record.set(wrong(5), wrong(1))],
    ['insert of no field', 'key', ({ record }) => record.insert(wrong(undefined), wrong(1))],
    ['delete of a field that is null', 'key', ({ record }) => record.delete(wrong(null))],
    [
      'updateIf of a field that is a symbol',
      'key',
      ({ record }) => record.updateIf(wrong(Symbol('s')), wrong(1), wrong(2)),
    ],
    ['publish of a number', 'event', ({ emitter }) => emitter.publish(wrong(5), ...wrong([]))],
    ['publish of nothing', 'event', ({ emitter }) => emitter.publish(wrong(undefined), ...wrong([]))],
    ['subscribe to a list', 'event', ({ emitter }) => emitter.subscribe(wrong(['e']), () => undefined)],
    ['updateSubscriptionMetaData', 'event', ({ emitter }) => emitter.updateSubscriptionMetaData(wrong(null), {})],
    ['touch, a bigint', 'ttlInMs', ({ map }) => map.touch('a', wrong(10n))],
    ['touch, a symbol', 'ttlInMs', ({ map }) => map.touch('a', wrong(Symbol('s')))],
    [
      'take, a symbol',
      'visibilityTimeoutInMs',
      ({ queue }) => queue.take({ visibilityTimeoutInMs: wrong(Symbol('s')) }),
    ],
    ['subscribe without a listener', 'listener', ({ emitter }) => emitter.subscribe('e', wrong(undefined))],
    ['set, signal', 'signal', ({ map }) => map.set('a', 1, noSignal)],
    ['set, signal: null', 'signal', ({ map }) => map.set('a', 1, { signal: wrong(null) })],
    ['set, timeoutInMs', 'timeoutInMs', ({ map }) => map.set('a', 1, { timeoutInMs: wrong('5') })],
    ['setAll, signal', 'signal', ({ map }) => map.setAll([['a', 1]], noSignal)],
    ['read, signal', 'signal', ({ map }) => map.read('a', noSignal)],
    ['read, timeoutInMs', 'timeoutInMs', ({ map }) => map.read('a', { timeoutInMs: -1 })],
    ['pop, signal', 'signal', ({ queue }) => queue.pop(noSignal)],
    ['pop waiting, signal', 'signal', ({ queue }) => queue.pop({ wait: true, ...noSignal })],
    ['take, signal', 'signal', ({ queue }) => queue.take(noSignal)],
    ['acquire, signal', 'signal', ({ lock }) => lock.acquire(noSignal)],
    ['acquire, timeoutInMs', 'timeoutInMs', ({ lock }) => lock.acquire({ timeoutInMs: wrong(5n) })],
    ['tryAcquire, signal', 'signal', ({ lock }) => lock.tryAcquire(noSignal)],
    ['run of nothing', 'work', ({ lock }) => lock.run(wrong(undefined))],
    ['run of a promise', 'work', ({ lock }) => lock.run(wrong(lock.ready))],
    ['run, signal', 'signal', ({ lock }) => lock.run(() => undefined, noSignal)],
    ['add of a text', 'delta', ({ counter }) => counter.add(wrong('1'))],
    ['add of a bigint', 'delta', ({ counter }) => counter.add(wrong(1n))],
    ['add of null', 'delta', ({ counter }) => counter.add(wrong(null))],
    ['add, signal', 'signal', ({ counter }) => counter.add(1, noSignal)],
    ['read of a counter, timeoutInMs', 'timeoutInMs', ({ counter }) => counter.read({ timeoutInMs: -1 })],
  ])('%s rejects, naming %s', async (_, field, call) => {
    const started = await start();
    const called = call(started);
    await expect(called).rejects.toMatchObject({ code: 'option', field });
    started.collections.close();
  });

  it.each([null, {}, 5, { keys: 5, values: [] }, { keys: [5], values: [5] }, { subscriptions: 5 }])(
    'import(%j) rejects as no snapshot',
    async (snapshot) => {
      const { collections, map, queue, record, emitter } = await start();
      for (const each of [map, queue, record as HamokRecord<object>, emitter]) {
        const importing: Promise<void> = (each as { import(given: HamokRecordSnapshot): Promise<void> }).import(
          wrong(snapshot),
        );
        await expect(importing).rejects.toMatchObject({ code: 'bad-snapshot' });
      }
      collections.close();
    },
  );

  it.each([null, 5, noSignal, { fromRevision: '1' }])('watch(%j) throws', async (options) => {
    const { collections, map } = await start();
    expect(() => map.watch(wrong(options))).toThrow(expect.objectContaining({ code: 'option' }));
    collections.close();
  });

  it('are refused before anything is created', async () => {
    const { collections } = await start();
    const refused = (create: () => unknown, field: string) =>
      expect(create).toThrow(expect.objectContaining({ code: 'option', field }));
    refused(() => collections.createMap(wrong(undefined)), 'options');
    refused(() => collections.getOrCreateQueue(wrong(null)), 'options');
    refused(() => collections.createMap(wrong({})), 'mapId');
    refused(() => collections.createMap({ mapId: 'x', keyCodec: wrong({}) }), 'keyCodec');
    refused(() => collections.createMap({ mapId: 'x', valueCodec: wrong(null) }), 'valueCodec');
    refused(() => collections.createMap({ mapId: 'x', baseMap: wrong(5) }), 'baseMap');
    refused(() => collections.createMap({ mapId: 'x', requestTimeoutInMs: wrong('5') }), 'requestTimeoutInMs');
    refused(() => collections.createQueue({ queueId: 'x', codec: wrong({ encode() {} }) }), 'codec');
    refused(() => collections.createRecord({ recordId: 'x', codec: wrong(5) }), 'codec');
    const perField = wrong(new Map([['a', {}]]));
    refused(() => collections.createRecord({ recordId: 'x', payloadCodecs: perField }), 'payloadCodecs.a');
    refused(() => collections.createEmitter({ emitterId: 'x', payloadsCodec: perField }), 'payloadsCodec.a');
    refused(() => collections.createLock(wrong(undefined)), 'options');
    refused(() => collections.getOrCreateLock(wrong(null)), 'options');
    refused(() => collections.createLock({ lockId: 'x', leaseInMs: wrong('5000') }), 'leaseInMs');
    refused(() => collections.createLock({ lockId: 'x', leaseInMs: wrong(null) }), 'leaseInMs');
    refused(() => collections.createSemaphore(wrong({ semaphoreId: 'x' })), 'permits');
    refused(() => collections.createSemaphore({ semaphoreId: 'x', permits: wrong('3') }), 'permits');
    refused(() => collections.createCounter({ counterId: wrong(5) }), 'counterId');
    expect(collections.storages.has('x')).toBe(false);
    collections.close();
  });
});

describe('codecs that give something else', () => {
  const none = { encode: () => wrong(undefined), decode: () => wrong(undefined) };
  const text = { encode: () => wrong('text'), decode: () => wrong(undefined) };

  it.each([none, text])('are refused for that call, which changes nothing', async (codec) => {
    const { collections } = await start();
    const refused = (call: Promise<unknown>) =>
      expect(call).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    const map = collections.createMap<string, number>({ mapId: 'c', valueCodec: codec });
    await refused(map.set('a', 1));
    await refused(map.setAll([['a', 1]]));
    const queue = collections.createQueue<number>({ queueId: 'cq', codec });
    await refused(queue.push(1));
    const payloadCodecs = new Map([['a' as const, { encode: () => wrong(5), decode: () => wrong(undefined) }]]);
    const record = collections.createRecord<{ a: number }>({ recordId: 'cr', payloadCodecs });
    await refused(record.set('a', 1));
    const payloadsCodec = new Map([['e' as const, { encode: () => wrong(5), decode: () => wrong([]) }]]);
    const emitter = collections.createEmitter<{ e: [] }>({ emitterId: 'ce', payloadsCodec });
    await refused(emitter.publish('e'));
    expect([map.size, queue.size, record.instance]).toEqual([0, 0, {}]);
    collections.close();
  });
});

it('takes null for options that are none', async () => {
  const { map, queue, record, lock, counter, collections } = await start();
  const nothing = wrong(null);
  await map.set('a', 1, nothing);
  await map.setAll([['a', 2]], nothing);
  await queue.push(1);
  await queue.pushAll([2], nothing);
  expect(await queue.pop(nothing)).toBe(1);
  await record.set('a', 1, nothing);
  await record.clear(nothing);
  const held = await lock.acquire(nothing);
  expect(await lock.tryAcquire(nothing)).toBeUndefined();
  expect(await held.release(nothing)).toBe(true);
  expect(await lock.run(() => 5, nothing)).toBe(5);
  expect(await counter.add(1, nothing)).toBe(1);
  expect(await counter.read(nothing)).toBe(1);
  collections.close();
});
