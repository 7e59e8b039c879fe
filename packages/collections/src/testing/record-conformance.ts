import type { Collections } from '../collections.js';
import type { HamokRecord } from '../record/hamok-record.js';
import { equal, rejectsWith } from './check.js';
import type { GridUnderTest } from './grid-under-test.js';
import type { Runner } from './runner.js';

/** What the suite asks of a member: `Collections`, and everything built on it, has it. */
export type RecordMember = Pick<Collections, 'createRecord' | 'getOrCreateRecord'>;
export type RecordGrid = GridUnderTest<RecordMember>;

interface Settings {
  name: string;
  limit: number;
  on: boolean;
}

type SettingsRecord = HamokRecord<Settings>;

/** How a replicated record behaves, over any engine. `create` makes a fresh grid of that many members. */
export function recordConformance(
  runner: Runner,
  counts: readonly number[],
  create: (count: number) => Promise<RecordGrid>,
): void {
  for (const count of counts) runner.describe(`a record among ${count}`, () => cases(runner, count, create));
}

function cases({ it }: Runner, count: number, create: (count: number) => Promise<RecordGrid>): void {
  /** Gives the records of the first and of the last member. */
  function test(
    name: string,
    body: (first: SettingsRecord, last: SettingsRecord, grid: RecordGrid) => Promise<void>,
  ): void {
    it(name, async () => {
      const grid = await create(count);
      try {
        const records = grid.members.map((member) => member.createRecord<Settings>({ recordId: 'settings' }));
        const [first, last] = [records[0], records.at(-1)];
        if (first === undefined || last === undefined) throw new Error('a grid without members');
        await Promise.all(records.map(({ ready }) => ready));
        await body(first, last, grid);
      } finally {
        await grid.close();
      }
    });
  }

  test('reads its own writes, and so do the others', async (first, last, grid) => {
    equal(await first.set('name', 'a'), undefined, 'first set');
    equal(first.get('name'), 'a', 'get');
    equal(await last.set('name', 'b'), 'a', 'second set');
    await grid.settled();
    equal(first.instance, { name: 'b' }, 'instance elsewhere');
    equal(await last.delete('name'), true, 'delete');
    equal(await last.delete('name'), false, 'delete again');
    equal(last.get('name'), undefined, 'get what was deleted');
  });

  test('inserts fields that are not set, also by falsy values', async (first, last) => {
    equal(await first.insert('limit', 0), undefined, 'inserted');
    equal(await last.insert('limit', 5), 0, 'taken');
    equal(await last.insertInstance({ limit: 6, on: false }), { limit: 0 }, 'existing');
    equal(await first.insertInstance({ name: 'n' }), undefined, 'none existed');
    equal(last.get('on'), false, 'inserted beside');
  });

  test('changes a field, or several at once, on condition', async (first, last, grid) => {
    await first.insertInstance({ name: 'a', limit: 1 });
    equal(await last.updateIf('limit', 2, 3), false, 'another value');
    equal(await last.updateIf('limit', 2, 1), true, 'the value');
    equal(await last.updateIf('on', true, false), false, 'a field that is not set');
    equal(await first.updateInstanceIf({ limit: 9, on: true }, { name: 'a', limit: 1 }), false, 'one of two fields');
    equal(first.instance, { name: 'a', limit: 2 }, 'nothing was changed');
    equal(await first.updateInstanceIf({ limit: 9, on: true }, { name: 'a', limit: 2 }), true, 'both fields');
    await grid.settled();
    equal(last.instance, { name: 'a', limit: 9, on: true }, 'all was changed');
    equal(await last.updateInstanceIf({ limit: 10 }, {}), true, 'without a condition');
    equal(await last.updateInstanceIf({}, { limit: 9 }), false, 'only a condition');
    equal(last.get('limit'), 10, 'the last');
  });

  test('lets one of several contenders win', async (first, last) => {
    await first.set('limit', 0);
    const outcomes = await Promise.all([
      first.updateInstanceIf({ limit: 1, name: 'first' }, { limit: 0 }),
      last.updateInstanceIf({ limit: 2, name: 'last' }, { limit: 0 }),
    ]);
    equal(outcomes.filter(Boolean).length, 1, 'winners');
    equal(last.get('limit'), outcomes[0] === true ? 1 : 2, 'the winner');
  });

  test('tells everyone of changes, in their order', async (first, last, grid) => {
    const seen = [first, last].map(watch);
    await first.insertInstance({ name: 'a', limit: 1 });
    await last.set('name', 'b');
    await first.updateInstanceIf({ limit: 2, on: true }, { name: 'b' });
    await last.delete('limit');
    await first.clear();
    await grid.settled();
    const expected = [
      ['insert', { key: 'name', value: 'a' }],
      ['insert', { key: 'limit', value: 1 }],
      ['update', { key: 'name', oldValue: 'a', newValue: 'b' }],
      ['update', { key: 'limit', oldValue: 1, newValue: 2 }],
      ['insert', { key: 'on', value: true }],
      ['remove', { key: 'limit', value: 2 }],
      ['clear'],
    ];
    for (const events of seen) equal(events, expected, 'events');
  });

  test('is found by whoever shows it later, with its initial fields', async (first, last, grid) => {
    await first.set('name', 'a');
    last.close();
    await rejectsWith(last.set('name', 'b'), 'closed', 'a closed facade');
    const options = { recordId: 'settings', initialObject: { name: 'x', limit: 7 } };
    const again = grid.members.at(-1)?.getOrCreateRecord<Settings>(options);
    await again?.ready;
    equal(again?.instance, { name: 'a', limit: 7 }, 'content');
    let existed: boolean | undefined;
    const same = grid.members.at(-1)?.getOrCreateRecord<Settings>({ recordId: 'settings' }, (already) => {
      existed = already;
    });
    equal([same === again, existed], [true, true], 'the same facade');
  });

  test('exports what it holds, and imports it', async (first, last, grid) => {
    await first.insertInstance({ name: 'a', limit: 1 });
    const json = JSON.stringify(first.export());
    await last.clear();
    await last.set('on', true);
    await last.import(JSON.parse(json));
    await grid.settled();
    equal(first.instance, { on: true, name: 'a', limit: 1 }, 'content');
  });
}

function watch(record: SettingsRecord): unknown[] {
  const seen: unknown[] = [];
  record.on('insert', (inserted) => seen.push(['insert', inserted]));
  record.on('update', (updated) => seen.push(['update', updated]));
  record.on('remove', (removed) => seen.push(['remove', removed]));
  record.on('clear', () => seen.push(['clear']));
  return seen;
}
