import type { Collections } from '../collections.js';
import type { HamokMap } from '../map/hamok-map.js';
import type { HamokMapEvents } from '../map/map-options.js';
import { equal, rejectsWith } from './check.js';
import { checkConditionalChanges } from './conditional-changes.js';
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

  test('always answers conditional changes', checkConditionalChanges);

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

  test('compares revisions, which are the same everywhere', async (first, last, grid) => {
    equal(await first.compareAndSet('a', 1, undefined), true, 'not taken');
    equal(await last.compareAndSet('a', 2, undefined), false, 'taken');
    await grid.settled();
    const revision = last.entry('a')?.revision;
    equal(first.entry('a')?.revision, revision, 'revision');
    equal(await last.compareAndSet('a', 3, revision), true, 'as it was');
    equal(await first.compareAndSet('a', 4, revision), false, 'not as it was');
    equal(await first.read('a'), 3, 'read');
  });

  test('reads what was committed before, wherever it was written', async (first, last) => {
    await first.set('a', 1);
    equal(await last.read('a'), 1, 'read of the last');
    await last.set('a', 2);
    equal(await first.read('a', { consistency: 'linearizable' }), 2, 'read of the first');
    equal(await last.read('a', { consistency: 'local' }), 2, 'own write');
  });

  test('tells those who watch the same changes in the same order', async (first, last, grid) => {
    const watches = [first.watch(), last.watch()];
    await first.set('a', 1);
    await last.set('a', 2);
    await first.remove('a');
    await last.clear();
    await grid.settled();
    const told = await Promise.all(
      watches.map(async (watch) => {
        const changes = [];
        for (let i = 0; i < 4; i++) changes.push((await watch.next()).value);
        return changes;
      }),
    );
    equal(
      told[0]?.map((change) => change?.type),
      ['insert', 'update', 'remove', 'clear'],
      'changes',
    );
    equal(told[1], told[0], 'those of the last');
  });

  test('ends entries at their time, on every member', async (first, last, grid) => {
    if (grid.pass === undefined) return;
    const ended = [first, last].map((map) => {
      const keys: string[] = [];
      map.on('expire', (key) => keys.push(key));
      return keys;
    });
    await first.set('short', 1, { ttlInMs: 500 });
    await last.set('long', 2, { ttlInMs: 500 });
    await first.set('endless', 3, { ttlInMs: 500 });
    equal([await first.touch('long', 60_000), await last.touch('none', 1)], [true, false], 'touch');
    await last.set('endless', 3);
    await grid.pass(1500);
    equal(
      [[...first.keys()], [...last.keys()]],
      [
        ['long', 'endless'],
        ['long', 'endless'],
      ],
      'keys',
    );
    equal(ended, [['short'], ['short']], 'events');
    equal(first.entry('long')?.expiresAt, last.entry('long')?.expiresAt, 'end');
    await grid.pass(60_000);
    equal([[...first.keys()], [...last.keys()]], [['endless'], ['endless']], 'keys after the longer one');
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
