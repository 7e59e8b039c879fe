import { equal } from '../check.js';
import {
  contentOf,
  entries,
  equalInAnyOrder,
  recordEvents,
  type StorageTest,
  type StorageUnderTest,
  type SuiteKey,
} from './storage-under-test.js';

/** When the entries of a storage end: at the earlier of both ends, where it has both. */
export interface Lifespan {
  /** So long after an entry was last written, or restored. */
  readonly afterWriteInMs?: number;
  /** So long after an entry was last written, or read by its key: also by an insert that finds it. */
  readonly afterAccessInMs?: number;
}

/** Of the shorter end of both: two of these are longer than it, and one is not. */
const part = 0.6;

/** Which entries end, when, and what they are then: not there, for any call. */
export function expiryCases(test: StorageTest, lifespan: Lifespan): void {
  const { afterWriteInMs = Number.POSITIVE_INFINITY, afterAccessInMs = Number.POSITIVE_INFINITY } = lifespan;
  const lifeInMs = Math.min(afterWriteInMs, afterAccessInMs);

  test('ends an entry at its time, not before, and says so', async (storage, under) => {
    await storage.set('a', 1);
    const seen = recordEvents(storage);
    await pass(under, lifeInMs * 0.9);
    equalInAnyOrder(await storage.keys(), ['a'], 'keys before its time');
    equal([await storage.size(), seen], [1, []], 'size and events before its time');
    await pass(under, lifeInMs * 0.2);
    equal([await storage.get('a'), await storage.size(), await storage.isEmpty()], [undefined, 0, true], 'after it');
    equal([[...(await storage.keys())], await contentOf(storage)], [[], []], 'keys and entries after it');
    equal(seen, [['expired', 'a', 1]], 'events');
  });

  test('ends the entries of a batch, each with an event', async (storage, under) => {
    const batch = Array.from({ length: 300 }, (_, n) => [`key-${n}`, n] as const);
    await storage.setAll(batch.slice(0, 100));
    await storage.insertAll(batch.slice(100, 200));
    await storage.restoreAll(batch.slice(200));
    const seen = recordEvents(storage);
    await pass(under, lifeInMs * 1.1);
    equal([(await storage.getAll(batch.map(([key]) => key))).size, await storage.size()], [0, 0], 'getAll and size');
    equalInAnyOrder(
      seen,
      batch.map(([key, value]) => ['expired', key, value]),
      'events',
    );
  });

  test('begins anew with every write, of whatever kind', async (storage, under) => {
    const writes: Record<string, (key: SuiteKey) => Promise<unknown>> = {
      set: (key) => storage.set(key, 2),
      setAll: (key) => storage.setAll(entries(key, 2)),
      'delete and insert': async (key) => [await storage.delete(key), await storage.insert(key, 2)],
      'delete and insertAll': async (key) => [await storage.delete(key), await storage.insertAll(entries(key, 2))],
      'evict and restore': async (key) => [await storage.evict(key), await storage.restore(key, 2)],
      'evict and restoreAll': async (key) => [await storage.evictAll([key]), await storage.restoreAll(entries(key, 2))],
    };
    await storage.setAll([...Object.keys(writes), 'left'].map((key) => [key, 1]));
    await pass(under, lifeInMs * part);
    for (const [key, write] of Object.entries(writes)) await write(key);
    await pass(under, lifeInMs * part);
    equalInAnyOrder(await storage.keys(), Object.keys(writes), 'keys');
    await pass(under, lifeInMs * part);
    equal(await storage.size(), 0, 'size');
  });

  test(`begins anew with ${afterAccessInMs < afterWriteInMs ? 'every' : 'no'} read by key`, async (storage, under) => {
    const reads: Record<string, (key: SuiteKey) => Promise<unknown>> = {
      get: (key) => storage.get(key),
      getAll: (key) => storage.getAll([key]),
      'insert where it is taken': (key) => storage.insert(key, 2),
      'insertAll where it is taken': (key) => storage.insertAll(entries(key, 2)),
    };
    await storage.setAll([...Object.keys(reads), 'left'].map((key) => [key, 1]));
    await pass(under, lifeInMs * part);
    for (const [key, read] of Object.entries(reads)) await read(key);
    await pass(under, lifeInMs * part);
    equalInAnyOrder(await storage.keys(), afterAccessInMs < afterWriteInMs ? Object.keys(reads) : [], 'keys');
  });

  test('begins anew with nothing that asks for no key', async (storage, under) => {
    await storage.set('a', 1);
    await pass(under, lifeInMs * part);
    await Promise.all([storage.size(), storage.isEmpty(), storage.keys(), contentOf(storage)]);
    await Promise.all([storage.get('b'), storage.delete('b'), storage.set('c', 1)]);
    await pass(under, lifeInMs * part);
    equalInAnyOrder(await storage.keys(), ['c'], 'keys');
  });

  if (afterAccessInMs < afterWriteInMs && afterWriteInMs < Number.POSITIVE_INFINITY)
    test('ends an entry so long after its last write, however often it is read', async (storage, under) => {
      await storage.set('a', 1);
      let passedInMs = 0;
      for (; passedInMs + lifeInMs * part < afterWriteInMs; passedInMs += lifeInMs * part) {
        await pass(under, lifeInMs * part);
        equal(await storage.get('a'), 1, `after ${passedInMs} ms and a part`);
      }
      await pass(under, afterWriteInMs - passedInMs + lifeInMs * 0.1);
      equal(await storage.get('a'), undefined, 'at last');
    });

  test('takes what has ended for nothing, whatever the call', async (storage, under) => {
    const calls: readonly (readonly [what: string, call: () => Promise<unknown>, answer: unknown])[] = [
      ['set', () => storage.set('a', 2), undefined],
      ['insert', () => storage.insert('a', 2), undefined],
      ['restore', () => storage.restore('a', 2), true],
      ['delete', () => storage.delete('a'), false],
      ['evict', () => storage.evict('a'), false],
      ['get', () => storage.get('a'), undefined],
      ['setAll', async () => (await storage.setAll(entries('a', 2))).size, 0],
      ['insertAll', async () => (await storage.insertAll(entries('a', 2))).size, 0],
      ['restoreAll', async () => (await storage.restoreAll(entries('a', 2))).size, 1],
      ['deleteAll', async () => (await storage.deleteAll(['a'])).size, 0],
      ['evictAll', async () => (await storage.evictAll(['a'])).size, 0],
      ['getAll', async () => (await storage.getAll(['a'])).size, 0],
    ];
    for (const [what, call, answer] of calls) {
      await storage.clear();
      await storage.set('a', 1);
      const seen = recordEvents(storage);
      await pass(under, lifeInMs * 1.1);
      equal(await call(), answer, what);
      await under.settled();
      equal(seen[0], ['expired', 'a', 1], `the first event of ${what}`);
      equal(
        seen.slice(1).every(([event]) => event === 'created' || event === 'restored'),
        true,
        `the others of ${what}`,
      );
      storage.events.removeAllListeners();
    }
  });

  test('ends nothing that was taken out, or written again', async (storage, under) => {
    await storage.setAll(entries('deleted', 1, 'evicted', 1, 'deleted in a batch', 1, 'evicted in a batch', 1));
    await storage.delete('deleted');
    await storage.evict('evicted');
    await storage.deleteAll(['deleted in a batch']);
    await storage.evictAll(['evicted in a batch']);
    await storage.set('cleared', 1);
    await storage.clear();
    await storage.set('written', 1);
    await pass(under, lifeInMs * part);
    await storage.set('written', 2);
    const seen = recordEvents(storage);
    await pass(under, lifeInMs * part);
    await under.settled();
    equal(seen, [], 'events');
    await storage.close();
    await pass(under, lifeInMs);
    await under.settled();
    equal(seen, [['closed']], 'events after close');
  });

  async function pass({ passTime }: Pick<StorageUnderTest, 'passTime'>, ms: number): Promise<void> {
    if (passTime === undefined) throw new Error('with a lifespan, `passTime` is needed');
    await passTime(ms);
  }
}
