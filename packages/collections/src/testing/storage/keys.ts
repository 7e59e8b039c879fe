import { equal } from '../check.js';
import { contentOf, equalInAnyOrder, type StorageTest, type SuiteKey, type SuiteValue } from './storage-under-test.js';

const differentKeys: readonly SuiteKey[] = [
  'a',
  'A',
  'a ',
  ' a',
  '',
  'ä',
  'a\u0308',
  '😀',
  'a\0',
  '\0a',
  '\0',
  "'",
  '"',
  '\\',
  '%',
  '_',
  '*',
  '{a}',
  'a:b',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '1',
  1,
  -1,
  1.5,
  true,
  false,
  null,
  [],
  ['a'],
  ['a', 'b'],
  ['a,b'],
  {},
  '{}',
  { a: 1 },
  { a: '1' },
  '{"a":1}',
  '\0{"a":1}',
  'x'.repeat(500),
  'x'.repeat(501),
];

/** Which keys are one. */
export function keyCases(test: StorageTest): void {
  test('takes keys for one that are equal by value, whoever made them', async (storage) => {
    await storage.set({ id: 1, tags: ['x'] }, 'one');
    equal(await storage.get({ id: 1, tags: ['x'] }), 'one', 'get');
    equal(await storage.insert({ id: 1, tags: ['x'] }, 'two'), 'one', 'insert');
    equal(await storage.set({ id: 1, tags: ['x'] }, 'three'), 'one', 'set');
    equal([await storage.size(), [...(await storage.keys())]], [1, [{ id: 1, tags: ['x'] }]], 'keys');
    equal(await storage.delete({ id: 1, tags: ['x'] }), true, 'delete');
    equal(await storage.size(), 0, 'size');
  });

  test('names keys in results as the call did', async (storage) => {
    const [first, second] = [{ id: 1 }, { id: 1 }];
    await storage.set(first, 'one');
    equal((await storage.getAll([second])).get(second), 'one', 'getAll');
    equal((await storage.setAll([[second, 'two']])).get(second), 'one', 'setAll');
    equal((await storage.insertAll([[second, 'three']])).get(second), 'two', 'insertAll');
    equal((await storage.evictAll([second])).get(second), 'two', 'evictAll');
    equal((await storage.restoreAll([[second, 'four']])).has(second), true, 'restoreAll');
    equal((await storage.deleteAll([second])).has(second), true, 'deleteAll');
  });

  test('names equal keys of one batch in its results as the first of them', async (storage) => {
    const [first, second] = [{ id: 1 }, { id: 1 }];
    const isFirst = (keys: Iterable<unknown>, what: string): void =>
      equal(
        Array.from(keys, (key) => key === first),
        [true],
        `${what}: whether it is the first`,
      );
    await storage.set('beside', 0);
    await storage.set({ id: 1 }, 'one');
    isFirst((await storage.getAll([first, second])).keys(), 'getAll');
    isFirst((await storage.setAll(entriesOf(first, second))).keys(), 'setAll');
    isFirst((await storage.insertAll(entriesOf(first, second))).keys(), 'insertAll');
    isFirst((await storage.evictAll([first, second])).keys(), 'evictAll');
    isFirst(await storage.restoreAll(entriesOf(first, second)), 'restoreAll');
    isFirst(await storage.deleteAll([first, second]), 'deleteAll');
  });

  test('tells keys apart that are not equal', async (storage) => {
    for (const [at, key] of differentKeys.entries())
      equal(await storage.insert(key, at), undefined, `insert of ${JSON.stringify(key)}`);
    equal(await storage.size(), differentKeys.length, 'size');
    equalInAnyOrder(await storage.keys(), differentKeys, 'keys');
    equalInAnyOrder(
      await contentOf(storage),
      Array.from(differentKeys.entries(), ([at, key]) => [key, at]),
      'entries',
    );
    equal([...(await storage.getAll(differentKeys)).values()].length, differentKeys.length, 'getAll');
    for (const [at, key] of differentKeys.entries()) equal(await storage.get(key), at, `get of ${JSON.stringify(key)}`);
    equal((await storage.deleteAll(differentKeys)).size, differentKeys.length, 'deleteAll');
    equal(await storage.size(), 0, 'size at last');
  });
}

function entriesOf(...keys: readonly SuiteKey[]): [SuiteKey, SuiteValue][] {
  return keys.map((key) => [key, 'value']);
}
