import type { Collections } from '../collections.js';
import type { HamokMap } from '../map/hamok-map.js';
import type { HamokMapEvents } from '../map/map-options.js';
import { equal, rejectsWith } from './check.js';
import type { GridUnderTest } from './grid-under-test.js';
import type { Runner } from './runner.js';

/** What the suite asks of a member: `Collections`, and everything built on it, has it. */
export type MapMember = Pick<Collections, 'createMap' | 'getOrCreateMap'>;

export type MapGrid = GridUnderTest<MapMember>;

/** How a replicated map behaves, over any engine. `create` makes a fresh grid of that many members. */
export function mapConformance(
  runner: Runner,
  counts: readonly number[],
  create: (count: number) => Promise<MapGrid>,
): void {
  for (const count of counts) runner.describe(`a map among ${count}`, () => cases(runner, count, create));
}

type NumberMap = HamokMap<string, number>;

function cases({ it }: Runner, count: number, create: (count: number) => Promise<MapGrid>): void {
  /** Gives the maps of the first and of the last member. */
  function test(name: string, body: (first: NumberMap, last: NumberMap, grid: MapGrid) => Promise<void>): void {
    it(name, async () => {
      const grid = await create(count);
      try {
        const maps = grid.members.map((member) => member.createMap<string, number>({ mapId: 'numbers' }));
        const [first, last] = [maps[0], maps.at(-1)];
        if (first === undefined || last === undefined) throw new Error('a grid without members');
        await Promise.all(maps.map(({ ready }) => ready));
        await body(first, last, grid);
      } finally {
        await grid.close();
      }
    });
  }

  test('reads its own writes, and so do the others', async (first, last, grid) => {
    equal(await first.set('a', 1), undefined, 'first set');
    equal(first.get('a'), 1, 'get');
    equal(await last.set('a', 2), 1, 'second set');
    equal(last.get('a'), 2, 'get');
    await grid.settled();
    equal(first.get('a'), 2, 'get elsewhere');
    equal([first.has('a'), first.has('b'), first.size, first.isEmpty], [true, false, 1, false], 'queries');
  });

  test('inserts where the key is not taken, also by a falsy value', async (first, last) => {
    equal(await first.insert('zero', 0), undefined, 'inserted');
    equal(await last.insert('zero', 5), 0, 'taken');
    equal(last.get('zero'), 0, 'kept');
    equal(
      await last.insertAll([
        ['zero', 6],
        ['one', 1],
      ]),
      new Map([['zero', 0]]),
      'insertAll',
    );
    equal(last.get('one'), 1, 'inserted beside');
  });

  test('answers batches with what was there', async (first, last) => {
    equal(
      await first.setAll(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
      ),
      new Map(),
      'setAll',
    );
    equal(
      await last.setAll(
        new Map([
          ['b', 3],
          ['c', 4],
        ]),
      ),
      new Map([['b', 2]]),
      'setAll again',
    );
    equal(
      last.getAll(['a', 'b', 'x']),
      new Map([
        ['a', 1],
        ['b', 3],
      ]),
      'getAll',
    );
    equal(await last.deleteAll(['a', 'x']), new Set(['a']), 'deleteAll');
    equal(
      await first.removeAll(['b', 'x', 'c']),
      new Map([
        ['b', 3],
        ['c', 4],
      ]),
      'removeAll',
    );
    equal(first.size, 0, 'size');
    equal(await first.setAll([]), new Map(), 'nothing to set');
    equal(await first.deleteAll([]), new Set(), 'nothing to delete');
  });

  test('always answers conditional changes', async (first, last) => {
    await first.set('a', 1);
    equal(await last.updateIf('a', 2, 9), false, 'updateIf, another value');
    equal(await last.updateIf('a', 2, 1), true, 'updateIf');
    equal(await last.updateIf('x', 2, 1), false, 'updateIf, no key');
    equal(await last.removeIf('a', 1), false, 'removeIf, another value');
    equal(await last.removeIf('a', 2), true, 'removeIf');
    equal(await last.removeIf('a', 2), false, 'removeIf, no key');
    equal([await first.delete('a'), await first.remove('a')], [false, false], 'nothing there');
    await first.set('b', 0);
    equal([await first.delete('b'), await first.delete('b')], [true, false], 'delete of a falsy value');
    await first.set('b', 0);
    equal([await first.remove('b'), await first.remove('b')], [true, false], 'remove of a falsy value');
  });

  test('iterates in the order of insertion on every member', async (first, last, grid) => {
    await first.setAll([
      ['c', 1],
      ['a', 2],
      ['b', 3],
    ]);
    await last.delete('c');
    await last.set('c', 4);
    await last.set('a', 5);
    await grid.settled();
    for (const map of [first, last]) {
      equal(
        [...map],
        [
          ['a', 5],
          ['b', 3],
          ['c', 4],
        ],
        'entries',
      );
      equal(
        [[...map.keys()], [...map.values()]],
        [
          ['a', 'b', 'c'],
          [5, 3, 4],
        ],
        'keys and values',
      );
    }
  });

  test('fires the events of all members in the order of the changes', async (first, last, grid) => {
    const seen = [record(first), record(last)];
    await first.set('a', 1);
    await last.set('a', 2);
    await last.insert('a', 3);
    await first.setAll([
      ['a', 4],
      ['b', 5],
    ]);
    await last.delete('a');
    await first.remove('x');
    await last.clear();
    await grid.settled();
    const expected = [
      ['insert', 'a', 1],
      ['update', 'a', 1, 2],
      ['update', 'a', 2, 4],
      ['insert', 'b', 5],
      ['remove', 'a', 4],
      ['clear'],
    ];
    for (const events of seen) equal(events, expected, 'events');
  });

  test('makes the changes of one member in the order of its calls', async (first, last, grid) => {
    const previous = await Promise.all(Array.from({ length: 200 }, (_, i) => last.set('n', i)));
    equal(previous, [undefined, ...Array.from({ length: 199 }, (_, i) => i)], 'previous values');
    await grid.settled();
    equal(first.get('n'), 199, 'last value');
  });

  test('attaches to a map that is there', async (first, last, grid) => {
    await first.set('a', 1);
    await grid.settled();
    last.close();
    await rejectsWith(last.set('a', 2), 'closed', 'set of a closed map');
    const again = grid.members.at(-1)?.getOrCreateMap<string, number>({
      mapId: 'numbers',
      baseMap: [
        ['a', 7],
        ['b', 8],
      ],
    });
    await again?.ready;
    equal(
      [...(again ?? [])],
      [
        ['a', 1],
        ['b', 8],
      ],
      'content',
    );
    let existed: boolean | undefined;
    const same = grid.members.at(-1)?.getOrCreateMap<string, number>({ mapId: 'numbers' }, (already) => {
      existed = already;
    });
    equal([same === again, existed], [true, true], 'the same facade');
  });

  test('exports what it holds, and imports it', async (first, last, grid) => {
    await first.setAll([
      ['a', 1],
      ['b', 2],
    ]);
    const snapshot = first.export();
    equal(snapshot, { mapId: 'numbers', keys: ['"a"', '"b"'], values: ['1', '2'] }, 'snapshot');
    await last.clear();
    await last.set('c', 3);
    await last.import(snapshot);
    await grid.settled();
    equal(
      [...first],
      [
        ['c', 3],
        ['a', 1],
        ['b', 2],
      ],
      'content',
    );
  });

  it('takes keys that are objects, and codecs', async () => {
    const grid = await create(count);
    try {
      const codec = {
        encode: (value: string) => new TextEncoder().encode(`<${value}>`),
        decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes).slice(1, -1),
      };
      const options = { mapId: 'objects', valueCodec: codec };
      const maps = grid.members.map((member) => member.createMap<{ id: number }, string>(options));
      await maps[0]?.set({ id: 1 }, 'one');
      await grid.settled();
      equal(
        maps.map((map) => map.get({ id: 1 })),
        maps.map(() => 'one'),
        'values',
      );
      equal(maps[0]?.export().values, ['<one>'], 'encoded');
    } finally {
      await grid.close();
    }
  });
}

function record(map: NumberMap): unknown[] {
  const seen: unknown[] = [];
  for (const event of ['insert', 'update', 'remove', 'clear'] satisfies (keyof HamokMapEvents<string, number>)[])
    map.on(event, (...details: unknown[]) => seen.push([event, ...details]));
  return seen;
}
