import { equal } from '../check.js';
import { contentOf, entries, equalInAnyOrder, type StorageTest } from './storage-under-test.js';

/** What each call for one key resolves with. */
export function callCases(test: StorageTest): void {
  test('has nothing at first', async (storage) => {
    equal(
      [await storage.size(), await storage.isEmpty(), storage.closed],
      [0, true, false],
      'size, isEmpty and closed',
    );
    equal(
      [await storage.get('a'), await storage.delete('a'), await storage.evict('a')],
      [undefined, false, false],
      'a',
    );
    equal([[...(await storage.keys())], await contentOf(storage)], [[], []], 'keys and entries');
    equal([...(await storage.getAll(['a', 'b']))], [], 'getAll');
    equal([typeof storage.id, storage.id !== ''], ['string', true], 'id');
  });

  test('gives what was set, and what was there before', async (storage) => {
    equal(await storage.set('a', 1), undefined, 'first set');
    equal(await storage.get('a'), 1, 'get');
    equal(await storage.set('a', 2), 1, 'second set');
    equal(await storage.set('b', 3), undefined, 'set of another key');
    equal([await storage.get('a'), await storage.get('b'), await storage.get('c')], [2, 3, undefined], 'gets');
    equal([await storage.size(), await storage.isEmpty()], [2, false], 'size and isEmpty');
    equalInAnyOrder(await storage.keys(), ['a', 'b'], 'keys');
    equalInAnyOrder(await contentOf(storage), entries('a', 2, 'b', 3), 'entries');
  });

  test('takes falsy values for values', async (storage) => {
    for (const value of [0, '', false, null]) {
      const name = JSON.stringify(value);
      equal(await storage.insert('k', value), undefined, `insert of ${name}`);
      equal(await storage.insert('k', 1), value, `insert where ${name} is`);
      equal(await storage.restore('k', 1), false, `restore where ${name} is`);
      equal([await storage.isEmpty(), await storage.size()], [false, 1], `isEmpty and size where ${name} is`);
      equal(await storage.get('k'), value, `get of ${name}`);
      equal(await storage.set('k', value), value, `set over ${name}`);
      equal([...(await storage.getAll(['k']))], [['k', value]], `getAll of ${name}`);
      equal([await storage.delete('k'), await storage.delete('k')], [true, false], `delete of ${name}`);
      await storage.set('k', value);
      equal([await storage.evict('k'), await storage.evict('k')], [true, false], `evict of ${name}`);
      equal(await storage.restore('k', value), true, `restore of ${name}`);
      equal([...(await storage.evictAll(['k']))], [['k', value]], `evictAll of ${name}`);
    }
  });

  test('inserts only where the key is not taken', async (storage) => {
    equal([await storage.insert('a', 1), await storage.insert('a', 2)], [undefined, 1], 'inserts');
    equal(await storage.get('a'), 1, 'kept');
    await storage.delete('a');
    equal([await storage.insert('a', 3), await storage.get('a')], [undefined, 3], 'insert after a delete');
  });

  test('takes entries out and brings them back', async (storage) => {
    await storage.set('a', 1);
    equal([await storage.evict('a'), await storage.get('a'), await storage.size()], [true, undefined, 0], 'evict');
    equal([await storage.restore('a', 2), await storage.restore('a', 3)], [true, false], 'restores');
    equal([await storage.get('a'), await storage.size()], [2, 1], 'restored');
  });

  test('clears everything of its own, and nothing else', async (storage, { beside }) => {
    await storage.setAll(entries('a', 1, 'b', 2));
    equal(
      [await beside?.set('a', 7), await beside?.size()],
      beside ? [undefined, 1] : [undefined, undefined],
      'beside',
    );
    await storage.clear();
    equal([await storage.size(), await storage.get('a'), await contentOf(storage)], [0, undefined, []], 'cleared');
    await storage.clear();
    await storage.set('a', 3);
    equal([await storage.get('a'), await storage.size()], [3, 1], 'used again');
    if (beside !== undefined) equal([await beside.get('a'), await contentOf(beside)], [7, [['a', 7]]], 'beside');
  });

  test('keeps values as they are', async (storage) => {
    const values = [
      1.5,
      -1,
      2 ** 53 - 1,
      'ä€😀\0"\\',
      '',
      [1, [2, null]],
      { a: { b: [true, ''] } },
      [],
      {},
      'x'.repeat(100_000),
    ];
    for (const [at, value] of values.entries()) await storage.set(at, value);
    for (const [at, value] of values.entries()) equal(await storage.get(at), value, `value ${at}`);
    equal((await storage.getAll(values.keys())).size, values.length, 'getAll');
  });
}
