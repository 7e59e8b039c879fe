import { equal } from '../check.js';
import { contentOf, entries, equalInAnyOrder, recordEvents, type StorageTest } from './storage-under-test.js';

/** Calls that do not wait for one another, and iteration during changes. */
export function orderCases(test: StorageTest): void {
  test('carries out calls in their order, awaited or not', async (storage, { settled }) => {
    const seen = recordEvents(storage);
    const sets = Array.from({ length: 200 }, (_, i) => storage.set('n', i));
    equal(await Promise.all(sets), [undefined, ...Array.from({ length: 199 }, (_, i) => i)], 'previous values');
    await settled();
    equal(
      seen,
      Array.from({ length: 200 }, (_, i) => (i === 0 ? ['created', 'n', 0] : ['updated', 'n', i - 1, i])),
      'events',
    );
  });

  test('carries out calls of all kinds in their order', async (storage) => {
    const big = Array.from({ length: 2500 }, (_, i) => [i, 'batch'] as const);
    // What reads all may see what is changed behind it: it comes last each time.
    const results = [
      ...(await Promise.all([
        storage.setAll(big),
        storage.set(0, 'single'),
        storage.get(2499),
        storage.insert(2499, 'taken'),
        storage.size(),
      ])),
      ...(await Promise.all([
        storage.delete(7),
        storage.get(7),
        storage.insert(7, 'again'),
        storage.deleteAll(big.map(([key]) => key)),
        storage.get(0),
        storage.set(0, 'last'),
        storage.clear(),
        storage.isEmpty(),
      ])),
      ...(await Promise.all([storage.restore(0, 'restored'), storage.keys()])),
    ];
    const told = results.map((result) => (result instanceof Map || result instanceof Set ? result.size : result));
    equal(
      told,
      [
        0,
        'batch',
        'batch',
        'batch',
        2500,
        true,
        undefined,
        undefined,
        2500,
        undefined,
        undefined,
        undefined,
        true,
        true,
        1,
      ],
      'results',
    );
  });

  test('lets one of those who insert at once win', async (storage) => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => storage.insert('k', i)));
    equal(outcomes, [undefined, ...Array.from({ length: 49 }, () => 0)], 'outcomes');
  });

  test('iterates over entries that change meanwhile, each key once', async (storage) => {
    const staying = Array.from({ length: 600 }, (_, i) => `stays-${i}`);
    const leaving = Array.from({ length: 600 }, (_, i) => `leaves-${i}`);
    await storage.setAll([...staying, ...leaving].map((key) => [key, 0]));
    const seen: unknown[] = [];
    let changes = 0;
    for await (const [key] of storage) {
      seen.push(key);
      const leaves = leaving[changes];
      if (leaves === undefined) continue;
      await storage.delete(leaves);
      if (changes % 2 === 0) await storage.set(leaves, 1);
      await storage.setAll(entries(`new-${changes}`, 1, staying[changes] ?? '', 2));
      changes += 1;
    }
    equal(new Set(seen).size, seen.length, 'keys seen, against different ones');
    const missed = staying.filter((key) => !new Set(seen).has(key));
    equal(missed, [], 'keys that stayed and were not seen');
  });

  test('iterates to an end while entries are added', async (storage) => {
    await storage.setAll(Array.from({ length: 10 }, (_, i) => [`key-${i}`, i]));
    let added = 0;
    for await (const _ of storage) {
      if (added >= 3000) throw new Error('it goes on for ever');
      await storage.setAll(Array.from({ length: 10 }, (_, i) => [`zz-${added + i}`, i]));
      added += 10;
    }
    equal(await storage.size(), 10 + added, 'size');
  });

  test('can be left in the midst of an iteration, and iterated over by several', async (storage) => {
    await storage.setAll(Array.from({ length: 50 }, (_, i) => [i, i]));
    let seen = 0;
    for await (const _ of storage) if (++seen === 3) break;
    equal(seen, 3, 'entries until the break');
    const [first, second] = await Promise.all([contentOf(storage), contentOf(storage)]);
    const all = Array.from({ length: 50 }, (_, i) => [i, i]);
    equalInAnyOrder(first, all, 'one iteration');
    equalInAnyOrder(second, all, 'the other');
    await storage.set(1, 'after');
    equal(await storage.get(1), 'after', 'changed after it');
  });
}
