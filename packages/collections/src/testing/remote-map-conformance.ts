import type { Collections } from '../collections.js';
import type { HamokRemoteMap } from '../remote-map/hamok-remote-map.js';
import type { HamokRemoteMapEvents, HamokRemoteMapOptions } from '../remote-map/remote-map-options.js';
import { equal, rejectsWith } from './check.js';
import { checkConditionalChanges } from './conditional-changes.js';
import type { GridUnderTest } from './grid-under-test.js';
import type { Runner } from './runner.js';

/** What the suite asks of a member: `Collections`, and everything built on it, has it. */
export type RemoteMapMember = Pick<Collections, 'createRemoteMap' | 'getOrCreateRemoteMap'>;
export type RemoteMapGrid = GridUnderTest<RemoteMapMember>;

type NumberMap = HamokRemoteMap<string, number>;
type NumberStorage = HamokRemoteMapOptions<string, number>['remoteMap'];

/**
 * How a remote map behaves, over any engine and any storage. `create` makes a fresh grid of that many members, `createStorages` an empty
 * place for entries, with a way to it for each member.
 */
export function remoteMapConformance(
  runner: Runner,
  counts: readonly number[],
  create: (count: number) => Promise<RemoteMapGrid>,
  createStorages: () => (member: number) => NumberStorage,
): void {
  for (const count of counts)
    runner.describe(`a remote map among ${count}`, () => cases(runner, count, create, createStorages));
}

function cases(
  { it }: Runner,
  count: number,
  create: (count: number) => Promise<RemoteMapGrid>,
  createStorages: () => (member: number) => NumberStorage,
): void {
  type Body = (
    first: NumberMap,
    last: NumberMap,
    grid: RemoteMapGrid,
    storageOf: (member: number) => NumberStorage,
  ) => Promise<void>;
  /** Gives the maps of the first and of the last member. */
  function test(name: string, body: Body): void {
    it(name, async () => {
      const grid = await create(count);
      const storageOf = createStorages();
      try {
        const maps = grid.members.map((member, i) =>
          member.createRemoteMap<string, number>({ mapId: 'numbers', remoteMap: storageOf(i) }),
        );
        const [first, last] = [maps[0], maps.at(-1)];
        if (first === undefined || last === undefined) throw new Error('a grid without members');
        await Promise.all(maps.map(({ ready }) => ready));
        await body(first, last, grid, storageOf);
      } finally {
        await grid.close();
      }
    });
  }

  test('reads its own writes, and so do the others', async (first, last) => {
    equal(await first.set('a', 1), undefined, 'first set');
    equal(await first.get('a'), 1, 'get');
    equal(await last.set('a', 2), 1, 'second set');
    equal([await first.get('a'), await last.get('a')], [2, 2], 'get of both');
    equal(
      [await first.has('a'), await first.has('b'), await last.size(), await last.isEmpty()],
      [true, false, 1, false],
      'queries',
    );
  });

  test('inserts where the key is not taken, also by a falsy value', async (first, last) => {
    equal(await first.insert('zero', 0), undefined, 'inserted');
    equal(await last.insert('zero', 5), 0, 'taken');
    equal(await last.get('zero'), 0, 'kept');
    const existing = await last.insertAll([
      ['zero', 6],
      ['one', 1],
    ]);
    equal(existing, new Map([['zero', 0]]), 'insertAll');
    equal(await first.get('one'), 1, 'inserted beside');
    equal(await first.remove('zero'), true, 'remove of a falsy value');
  });

  test('answers batches with what was there', async (first, last) => {
    equal(await first.setAll(new Map(Object.entries({ a: 1, b: 2 }))), new Map(), 'setAll');
    equal(await last.setAll(Object.entries({ b: 3, c: 4 })), new Map([['b', 2]]), 'setAll again');
    equal(await last.getAll(['a', 'b', 'x']), new Map(Object.entries({ a: 1, b: 3 })), 'getAll');
    equal(await last.deleteAll(['a', 'x', 'a']), new Set(['a']), 'deleteAll');
    equal(await first.removeAll(['b', 'x', 'c']), new Map(Object.entries({ b: 3, c: 4 })), 'removeAll');
    equal([await first.size(), await last.isEmpty()], [0, true], 'size');
    equal(await first.setAll([]), new Map(), 'nothing to set');
    equal(await first.deleteAll([]), new Set(), 'nothing to delete');
    const twice: [string, number][] = [
      ['d', 1],
      ['d', 2],
    ];
    equal([await first.setAll(twice), await first.get('d')], [new Map(), 2], 'a key twice');
  });

  test('always answers conditional changes', checkConditionalChanges);

  test('lets one of several contenders win', async (first, last) => {
    await first.set('turn', 0);
    const outcomes = await Promise.all([first.updateIf('turn', 1, 0), last.updateIf('turn', 2, 0)]);
    equal(outcomes.filter(Boolean).length, 1, 'winners');
    equal(await last.get('turn'), outcomes[0] === true ? 1 : 2, 'the winner');
  });

  test('fires the events of all members in the order of the changes', async (first, last, grid) => {
    const seen = [record(first), record(last)];
    await first.set('a', 1);
    await last.set('a', 2);
    await last.insert('a', 3);
    await first.setAll(Object.entries({ a: 4, b: 5 }));
    await last.updateIf('b', 6, 7);
    await last.updateIf('b', 6, 5);
    await last.delete('a');
    await first.remove('x');
    await first.removeIf('b', 6);
    await last.clear();
    await grid.settled();
    const expected = [
      ['insert', 'a', 1],
      ['update', 'a', 1, 2],
      ['update', 'a', 2, 4],
      ['insert', 'b', 5],
      ['update', 'b', 5, 6],
      ['remove', 'a', 4],
      ['remove', 'b', 6],
      ['clear'],
    ];
    for (const events of seen) equal(events, expected, 'events');
  });

  test('makes the changes of one member in the order of its calls', async (first, last) => {
    const previous = await Promise.all(Array.from({ length: 100 }, (_, i) => last.set('n', i)));
    equal(previous, [undefined, ...Array.from({ length: 99 }, (_, i) => i)], 'previous values');
    equal(await first.get('n'), 99, 'last value');
  });

  test('iterates over what is in the database', async (first, last) => {
    await first.setAll(Object.entries({ a: 1, b: 2 }));
    const entries: [string, number][] = [];
    for await (const entry of last.iterator()) entries.push(entry);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    equal(entries, Object.entries({ a: 1, b: 2 }), 'entries');
    equal([...(await last.keys())].sort(), ['a', 'b'], 'keys');
  });

  test('is found by whoever shows it later', async (first, last, grid, storageOf) => {
    await first.set('a', 1);
    const { appliedCommitIndex } = first.export();
    equal(appliedCommitIndex >= 0, true, 'a change was made');
    last.close();
    await rejectsWith(last.set('a', 2), 'closed', 'set of a closed map');
    await rejectsWith(last.get('a'), 'closed', 'get of a closed map');
    const member = grid.members.at(-1);
    const options = { mapId: 'numbers', remoteMap: storageOf(count - 1) };
    const again = member?.getOrCreateRemoteMap<string, number>(options);
    await again?.ready;
    equal([await again?.get('a'), await again?.set('a', 2)], [1, 1], 'content');
    equal((again?.export().appliedCommitIndex ?? -1) > appliedCommitIndex, true, 'another change was made');
    let existed: boolean | undefined;
    const same = member?.getOrCreateRemoteMap<string, number>(options, (already) => {
      existed = already;
    });
    equal([same === again, existed], [true, true], 'the same facade');
  });
}

function record(map: NumberMap): unknown[] {
  const seen: unknown[] = [];
  for (const event of ['insert', 'update', 'remove', 'clear'] satisfies (keyof HamokRemoteMapEvents<string, number>)[])
    map.on(event, (...details: unknown[]) => seen.push([event, ...details]));
  return seen;
}
