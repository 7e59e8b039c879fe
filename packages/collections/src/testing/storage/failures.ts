import { equal, rejectsWith } from '../check.js';
import {
  contentOf,
  entries,
  recordEvents,
  type StorageTest,
  type SuiteKey,
  type SuiteStorage,
  type SuiteValue,
} from './storage-under-test.js';

/** What no codec of the suite's storages holds, passed by a program without types. */
const nothing = undefined as unknown as SuiteKey & SuiteValue;
const noEntries = 5 as unknown as Iterable<readonly [SuiteKey, SuiteValue]>;
const noPairs = [1] as unknown as Iterable<readonly [SuiteKey, SuiteValue]>;
const noKeys = 5 as unknown as Iterable<SuiteKey>;

/** Calls that are refused, and the end of a storage. */
export function failureCases(test: StorageTest): void {
  test('refuses what cannot be encoded, and changes nothing', async (storage, { settled }) => {
    await storage.set('a', 1);
    const seen = recordEvents(storage);
    const refused: Record<string, () => Promise<unknown>> = {
      set: () => storage.set('b', nothing),
      'set over another': () => storage.set('a', nothing),
      insert: () => storage.insert('b', nothing),
      restore: () => storage.restore('b', nothing),
      setAll: () => storage.setAll(entries('b', 1, 'c', nothing)),
      insertAll: () => storage.insertAll(entries('b', 1, 'c', nothing)),
      restoreAll: () => storage.restoreAll(entries('b', 1, 'c', nothing)),
      'get of no key': () => storage.get(nothing),
      'getAll of no key': () => storage.getAll(['a', nothing]),
      'set of no key': () => storage.set(nothing, 1),
      'setAll of no key': () => storage.setAll(entries('b', 1, nothing, 1)),
      'insertAll of no key': () => storage.insertAll(entries('b', 1, nothing, 1)),
      'delete of no key': () => storage.delete(nothing),
      'deleteAll of no key': () => storage.deleteAll(['a', nothing]),
      'evictAll of no key': () => storage.evictAll(['a', nothing]),
    };
    for (const [name, call] of Object.entries(refused)) await rejectsWith(call(), 'codec', name);
    await settled();
    equal([seen, await contentOf(storage)], [[], [['a', 1]]], 'events and entries');
  });

  test('refuses arguments that cannot be meant, by rejections', async (storage) => {
    await rejectsWith(storage.setAll(noEntries), 'option', 'setAll');
    await rejectsWith(storage.insertAll(noPairs), 'option', 'insertAll');
    await rejectsWith(storage.restoreAll(noPairs), 'option', 'restoreAll');
    await rejectsWith(storage.getAll(noKeys), 'option', 'getAll');
    await rejectsWith(storage.deleteAll(noKeys), 'option', 'deleteAll');
    await rejectsWith(storage.evictAll(noKeys), 'option', 'evictAll');
    equal(await storage.size(), 0, 'size');
  });

  test('goes on after a call that was refused', async (storage) => {
    const refused = storage.set('a', nothing);
    const made = storage.set('a', 1);
    await rejectsWith(refused, 'codec', 'the one');
    equal([await made, await storage.get('a')], [undefined, 1], 'the other');
  });

  test('refuses calls once it is closed', async (storage, { settled }) => {
    await storage.set('a', 1);
    await storage.close();
    await settled();
    equal(storage.closed, true, 'closed');
    for (const [name, call] of Object.entries(callsOf(storage))) await rejectsWith(call(), 'closed', name);
  });

  test('says once that it was closed, and closes once', async (storage, { settled }) => {
    const seen = recordEvents(storage);
    const closes = [storage.close(), storage.close()];
    equal(storage.closed, true, 'closed, at once');
    await Promise.all(closes);
    await storage.close();
    await settled();
    equal(seen, [['closed']], 'events');
  });

  test('ends the calls that were made before it was closed, and tells of them first', async (storage, { settled }) => {
    const seen = recordEvents(storage);
    const calls = Array.from({ length: 20 }, (_, i) => storage.set(`key-${i}`, i));
    const closed = storage.close();
    const outcomes = await Promise.allSettled(calls);
    await closed;
    const wrong = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && (outcome.reason as { code?: unknown }).code !== 'closed',
    );
    equal(wrong, [], 'outcomes that are neither results nor `closed`');
    await settled();
    equal(seen.at(-1), ['closed'], 'the last event');
    const told = new Set(seen.map(([event, key]) => event === 'created' && key));
    const untold = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' && !told.has(`key-${i}`) ? [i] : []));
    equal(untold, [], 'calls with a result that were not told of');
  });

  test('ends an iteration when it is closed', async (storage) => {
    await storage.setAll(Array.from({ length: 20 }, (_, i) => [i, i]));
    const iterator = storage[Symbol.asyncIterator]();
    equal((await iterator.next()).done, false, 'an entry');
    await storage.close();
    await rejectsWith(iterator.next(), 'closed', 'the next');
    await rejectsWith(contentOf(storage), 'closed', 'a new iteration');
  });
}

function callsOf(storage: SuiteStorage): Record<string, () => Promise<unknown>> {
  return {
    size: () => storage.size(),
    isEmpty: () => storage.isEmpty(),
    keys: () => storage.keys(),
    get: () => storage.get('a'),
    getAll: () => storage.getAll(['a']),
    'getAll of nothing': () => storage.getAll([]),
    set: () => storage.set('a', 1),
    setAll: () => storage.setAll([['a', 1]]),
    'setAll of nothing': () => storage.setAll([]),
    insert: () => storage.insert('a', 1),
    insertAll: () => storage.insertAll([['a', 1]]),
    delete: () => storage.delete('a'),
    deleteAll: () => storage.deleteAll(['a']),
    evict: () => storage.evict('a'),
    evictAll: () => storage.evictAll(['a']),
    restore: () => storage.restore('a', 1),
    restoreAll: () => storage.restoreAll([['a', 1]]),
    clear: () => storage.clear(),
  };
}
