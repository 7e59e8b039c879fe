import { equal } from '../check.js';
import { entries, recordEvents, type StorageTest } from './storage-under-test.js';

/** Which events there are, with what, and when. */
export function eventCases(test: StorageTest): void {
  test('tells what changed, in the order of the changes', async (storage, { settled }) => {
    const seen = recordEvents(storage);
    await storage.set('a', 1);
    await storage.set('a', 2);
    await storage.set('a', 2);
    await storage.insert('b', null);
    await storage.setAll(entries('b', 3, 'c', 4, 'a', 5));
    await storage.insertAll(entries('c', 9, 'd', 6, 'e', 7));
    await storage.delete('b');
    await storage.deleteAll(['x', 'd', 'c']);
    await storage.evict('a');
    await storage.restore('a', 8);
    await storage.evictAll(['e', 'x', 'a']);
    await storage.restoreAll(entries('e', 1, 'a', 2));
    await storage.clear();
    await settled();
    equal(
      seen,
      [
        ['created', 'a', 1],
        ['updated', 'a', 1, 2],
        ['updated', 'a', 2, 2],
        ['created', 'b', null],
        ['updated', 'b', null, 3],
        ['created', 'c', 4],
        ['updated', 'a', 2, 5],
        ['created', 'd', 6],
        ['created', 'e', 7],
        ['deleted', 'b', 3],
        ['deleted', 'd', 6],
        ['deleted', 'c', 4],
        ['evicted', 'a', 5],
        ['restored', 'a', 8],
        ['evicted', 'e', 7],
        ['evicted', 'a', 8],
        ['restored', 'e', 1],
        ['restored', 'a', 2],
        ['cleared'],
      ],
      'events',
    );
  });

  test('tells that it was cleared, also where there was nothing', async (storage, { settled }) => {
    const seen = recordEvents(storage);
    await storage.clear();
    await storage.clear();
    await settled();
    equal(seen, [['cleared'], ['cleared']], 'events');
  });

  test('tells nothing where nothing changed', async (storage, { settled, beside }) => {
    await storage.set('a', 0);
    const seen = recordEvents(storage);
    await Promise.all([storage.get('a'), storage.getAll(['a', 'x']), storage.keys(), storage.size()]);
    await Promise.all([storage.insert('a', 1), storage.insertAll([['a', 1]])]);
    await Promise.all([storage.restore('a', 1), storage.restoreAll([['a', 1]])]);
    await Promise.all([storage.delete('x'), storage.deleteAll(['x']), storage.evict('x'), storage.evictAll(['x'])]);
    await beside?.set('a', 1);
    await beside?.clear();
    await settled();
    equal([seen, await storage.get('a')], [[], 0], 'events, and the entry');
  });

  test('has changed when it tells so', async (storage, { settled }) => {
    const then: Promise<unknown>[] = [];
    storage.events.on('created', (key) => void then.push(storage.get(key)));
    storage.events.on('deleted', (key) => void then.push(storage.get(key)));
    storage.events.on('cleared', () => void then.push(storage.size()));
    await storage.set('a', 1);
    await storage.delete('a');
    await storage.insert('b', 2);
    await storage.clear();
    await settled();
    // Each listener's call is made after the changes up to its event, though perhaps not before later ones.
    equal(then.length, 4, 'calls of the listeners');
    equal((await Promise.all(then)).slice(-1), [0], 'size after clear');
  });

  test('lets listeners call it', async (storage, { settled }) => {
    const done = new Promise((resolve) => storage.events.once('updated', (...details) => resolve(details)));
    storage.events.once('created', (key) => void storage.set(key, 2).catch(() => undefined));
    await storage.set('a', 1);
    await settled();
    equal(await done, ['a', 1, 2], 'the listeners change');
    equal(await storage.get('a'), 2, 'value');
  });

  test('goes on when a listener throws', async (storage, { settled }) => {
    for (const event of ['created', 'updated', 'deleted', 'evicted', 'restored', 'cleared'] as const)
      storage.events.on(event, () => {
        throw new Error('a listener that throws');
      });
    equal(await storage.set('a', 1), undefined, 'set');
    equal((await storage.setAll(entries('a', 2, 'b', 3))).size, 1, 'setAll');
    equal([await storage.evict('a'), await storage.restore('a', 4)], [true, true], 'evict and restore');
    equal([await storage.delete('a'), await storage.get('b')], [true, 3], 'delete and get');
    await storage.clear();
    await settled();
    equal(await storage.size(), 0, 'size');
  });
}
