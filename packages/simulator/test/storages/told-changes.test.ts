import { Collections } from '@hamok/collections';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/random.js';
import type { Call, CallKind } from '../../src/storages/calls.js';
import { ToldChanges } from '../../src/storages/invariants/told-changes.js';
import { storagesPlanOf } from '../../src/storages/plan.js';
import { StoragesWorld } from '../../src/storages/storages-world.js';
import { Trace } from '../../src/world/trace.js';

/** A storage of which nothing is true but what a test says that it tells. */
function aStorage() {
  const plan = { ...storagesPlanOf(new SeededRandom(1)), members: 2, onlookers: 0 };
  const world = new StoragesWorld(plan, { Collections }, new SeededRandom(1), new Trace(undefined));
  const [taker] = world.takers;
  if (taker === undefined) throw new Error('there are two');
  const { storage } = taker;
  const said: string[] = [];
  const note = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      said.push(String(error));
    }
  };
  const invariant = new ToldChanges();
  invariant.onOpen(storage, note);
  const asked = (kind: CallKind, ...entries: (readonly [key: string, value: readonly [number]])[]): Call => {
    const call = {
      kind,
      what: kind,
      begin: 0,
      storage,
      keys: entries.map(([key]) => key),
      entries,
      changes: [],
      options: {},
      isPartial: () => false,
      isCurrent: () => true,
    };
    invariant.onAsked(call);
    return call;
  };
  const answered = (call: Call, result: unknown): void => note(() => invariant.onAnswered(call, result));
  return { events: storage.events, asked, answered, said };
}

test('what a member asked for is told before it is answered', () => {
  const { events, asked, answered, said } = aStorage();
  const set = asked('set', ['k', [1]], ['l', [2]]);
  events.emit('created', 'k', [1]);
  events.emit('updated', 'l', [7], [2]);
  answered(set, new Map([['l', [7]]]));
  const evicted = asked('evict', ['k', [3]]);
  events.emit('evicted', 'k', [1]);
  answered(evicted, new Map([['k', [1]]]));
  answered(asked('delete', ['l', [4]]), new Set());
  answered(asked('insert', ['l', [5]]), new Map([['l', [2]]]));
  expect(said).toEqual([]);
  answered(asked('delete', ['l', [6]]), new Set(['l']));
  answered(asked('clear'), undefined);
  expect(said.map((text) => text.slice(text.indexOf('answered')))).toEqual([
    'answered, and not told: deleted l',
    'answered, and not told: cleared',
  ]);
});

test('nothing is told that nobody asked for, and nothing twice', () => {
  const { events, asked, said } = aStorage();
  asked('insert', ['k', [1]]);
  events.emit('created', 'k', [1]);
  events.emit('restored', 'k', [1]);
  expect(said).toEqual([]);
  events.emit('created', 'k', [1]);
  events.emit('created', 'l', [1]);
  events.emit('updated', 'k', [1], [1]);
  events.emit('deleted', 'k', [1]);
  asked('delete', ['k', [2]]);
  events.emit('evicted', 'k', [1]);
  expect(said).toHaveLength(5);
  events.emit('deleted', 'k', [1]);
  expect(said).toHaveLength(5);
});
