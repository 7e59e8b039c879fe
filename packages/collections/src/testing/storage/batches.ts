import { equal } from '../check.js';
import {
  contentOf,
  entries,
  equalInAnyOrder,
  recordEvents,
  type StorageTest,
  type SuiteKey,
  type SuiteValue,
} from './storage-under-test.js';

/** What batches do and resolve with. */
export function batchCases(test: StorageTest, bigBatch: number): void {
  test('answers batches with what was there', async (storage) => {
    equalInAnyOrder(await storage.setAll(entries('a', 1, 'b', 2)), [], 'setAll');
    equalInAnyOrder(await storage.setAll(new Map(entries('b', 3, 'c', 4))), [['b', 2]], 'setAll again');
    equalInAnyOrder(await storage.getAll(['a', 'b', 'x']), entries('a', 1, 'b', 3), 'getAll');
    equalInAnyOrder(await storage.insertAll(entries('a', 9, 'd', 5)), [['a', 1]], 'insertAll');
    equalInAnyOrder(await storage.deleteAll(['a', 'x']), ['a'], 'deleteAll');
    equalInAnyOrder(await storage.evictAll(['b', 'x', 'c']), entries('b', 3, 'c', 4), 'evictAll');
    equalInAnyOrder(await storage.restoreAll(entries('b', 6, 'd', 7)), ['b'], 'restoreAll');
    equalInAnyOrder(await contentOf(storage), entries('b', 6, 'd', 5), 'entries');
  });

  test('does nothing for an empty batch', async (storage, { settled }) => {
    await storage.set('a', 1);
    const seen = recordEvents(storage);
    const none: readonly [SuiteKey, SuiteValue][] = [];
    const maps = [storage.getAll([]), storage.setAll(none), storage.insertAll(new Map()), storage.evictAll([])];
    const sets = [storage.deleteAll(new Set<SuiteKey>()), storage.restoreAll(none)];
    equal(
      (await Promise.all([...maps, ...sets])).map(({ size }) => size),
      [0, 0, 0, 0, 0, 0],
      'sizes',
    );
    await settled();
    equal([seen, await storage.size()], [[], 1], 'events and size');
  });

  test('reads a batch as a Map does: the last value of a key counts, and is one change', async (storage, {
    settled,
  }) => {
    const seen = recordEvents(storage);
    equalInAnyOrder(await storage.setAll(entries('a', 1, 'b', 2, 'a', 3)), [], 'setAll');
    equalInAnyOrder(await storage.setAll(entries('a', 4, 'a', 5)), [['a', 3]], 'setAll again');
    equalInAnyOrder(await storage.insertAll(entries('c', 6, 'c', 7, 'a', 8)), [['a', 5]], 'insertAll');
    equalInAnyOrder(await storage.getAll(['c', 'a', 'c']), entries('a', 5, 'c', 7), 'getAll');
    equalInAnyOrder(await storage.evictAll(['a', 'a', 'c']), entries('a', 5, 'c', 7), 'evictAll');
    equalInAnyOrder(await storage.restoreAll(entries('a', 1, 'a', 2)), ['a'], 'restoreAll');
    equalInAnyOrder(await storage.deleteAll(['b', 'b', 'a', 'b']), ['a', 'b'], 'deleteAll');
    const [one, same] = [{ id: 1 }, { id: 1 }];
    equalInAnyOrder(await storage.setAll(entries(one, 1, same, 2)), [], 'setAll of keys equal by value');
    equal([await storage.get(one), await storage.size()], [2, 1], 'the entry of keys equal by value');
    await settled();
    equal(
      seen,
      [
        ['created', 'a', 3],
        ['created', 'b', 2],
        ['updated', 'a', 3, 5],
        ['created', 'c', 7],
        ['evicted', 'a', 5],
        ['evicted', 'c', 7],
        ['restored', 'a', 2],
        ['deleted', 'b', 2],
        ['deleted', 'a', 2],
        ['created', { id: 1 }, 2],
      ],
      'events',
    );
  });

  test('reads what it is given once, and before the call returns', async (storage) => {
    const changing = entries('a', 1, 'b', 2);
    const keys: SuiteKey[] = ['a', 'b'];
    const set = storage.setAll(changing);
    changing.pop();
    equal([(await set).size, await storage.size()], [0, 2], 'setAll of what changed afterwards');
    const got = storage.getAll(keys);
    keys.length = 0;
    equal((await got).size, 2, 'getAll of what changed afterwards');
    equal((await storage.getAll(only('a', 'b'))).size, 2, 'getAll of what can be read once');
    equalInAnyOrder(await storage.insertAll(only<[SuiteKey, SuiteValue]>(['b', 3], ['c', 3])), [['b', 2]], 'insertAll');
    equalInAnyOrder(await storage.deleteAll(only('a', 'c')), ['a', 'c'], 'deleteAll of what can be read once');
  });

  test('gives results that are the callers own', async (storage) => {
    await storage.setAll(entries('a', 1, 'b', 2));
    const [keys, got] = [await storage.keys(), await storage.getAll(['a', 'b'])];
    await storage.set('c', 3);
    await storage.delete('a');
    const [later] = [await storage.keys(), await storage.getAll(['a', 'b', 'c'])];
    equal(later === keys, false, 'whether all calls give the same keys');
    equalInAnyOrder(keys, ['a', 'b'], 'keys of before');
    equalInAnyOrder(got, entries('a', 1, 'b', 2), 'entries of before');
    if (keys instanceof Set) keys.clear();
    if (got instanceof Map) got.clear();
    equalInAnyOrder(await storage.keys(), ['b', 'c'], 'keys of after');
    equal([await storage.size(), await storage.get('b')], [2, 2], 'what is kept');
  });

  test(`carries out batches of ${bigBatch} keys`, async (storage, { settled }) => {
    const keys = Array.from({ length: bigBatch }, (_, i) => `key-${i}`);
    const numbered = keys.map((key, i) => [key, i] as const);
    const seen = recordEvents(storage);
    equal((await storage.setAll(numbered)).size, 0, 'setAll');
    equal(await storage.size(), bigBatch, 'size');
    await settled();
    equal(seen.length, bigBatch, 'events');
    equal(
      seen.every(([event, key], i) => event === 'created' && key === keys[i]),
      true,
      'their order',
    );
    const got = await storage.getAll(keys);
    equal([got.size, keys.every((key, i) => got.get(key) === i)], [bigBatch, true], 'getAll');
    equal((await storage.insertAll(numbered.map(([key]) => [key, -1]))).size, bigBatch, 'insertAll');
    equal((await storage.keys()).size, bigBatch, 'keys');
    const content = new Map(await contentOf(storage));
    equal([content.size, keys.every((key, i) => content.get(key) === i)], [bigBatch, true], 'entries');
    const before = await storage.setAll(numbered.map(([key, i]) => [key, i + 1]));
    equal([before.size, keys.every((key, i) => before.get(key) === i)], [bigBatch, true], 'setAll again');
    const half = keys.slice(bigBatch / 2);
    equal((await storage.evictAll(half)).size, half.length, 'evictAll');
    equal((await storage.restoreAll(numbered)).size, half.length, 'restoreAll');
    equal((await storage.deleteAll(keys)).size, bigBatch, 'deleteAll');
    equal([await storage.size(), await contentOf(storage)], [0, []], 'nothing left');
  });
}

function* only<T>(...items: readonly T[]): Generator<T> {
  yield* items;
}
