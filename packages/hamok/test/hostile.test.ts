import { HamokError } from '@hamok/collections';
import { TestDatabase } from '@hamok/collections/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hamok } from '../src/index.js';
import { TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

const ids = ['a', 'b', 'c', 'd', 'e'];
let grid: TestGrid;
let database: TestDatabase<string, number>;

afterEach(() => grid.close());

type Events = { ev: [n: number] };

const shown = (member: Hamok) => ({
  map: member.getOrCreateMap<string, number>({ mapId: 'map' }),
  record: member.getOrCreateRecord<Record<string, number>>({ recordId: 'record' }),
  queue: member.getOrCreateQueue<number>({ queueId: 'queue' }),
  emitter: member.getOrCreateEmitter<Events>({ emitterId: 'emitter' }),
  remote: member.getOrCreateRemoteMap<string, number>({
    mapId: 'remote',
    remoteMap: database.transactionalClient(member.localPeerId),
  }),
});
type Shown = ReturnType<typeof shown>;

const calls: readonly ((of: Shown, k: string, n: number) => Promise<unknown> | unknown)[] = [
  ({ map }, k, n) => map.set(k, n),
  ({ map }, k, n) => map.updateIf(k, n, n - 1),
  ({ map }, k, n) => map.setAll(Object.entries({ [k]: n, z: 1 }), { ttlInMs: 500 }),
  ({ map }, k) => map.read(k),
  ({ record }, k, n) => record.set(k, n),
  ({ record }, k, n) => record.updateInstanceIf({ [k]: n }, { k1: n - 1 }),
  ({ queue }, _, n) => queue.push(n, n),
  ({ queue }) => queue.pop(),
  ({ queue }) => queue.pop({ wait: true, timeoutInMs: 700 }),
  async ({ queue }) => (await queue.take({ wait: false }))?.ack(),
  ({ emitter }, _, n) => emitter.publish('ev', n),
  ({ emitter }, _, n) => emitter.notify('ev', n),
  ({ emitter }) => emitter.hasSubscribers('ev'),
  ({ remote }, k, n) => remote.set(k, n),
  ({ remote }, k, n) => remote.updateIf(k, n, n - 1),
  ({ remote }) => remote.removeAll(['k1', 'k2']),
  ({ remote }, k) => remote.get(k),
];

/** Listeners that throw, or reject, whatever they are told. */
async function sabotage({ map, record, queue, emitter, remote }: Shown): Promise<void> {
  const spoil = (): never => {
    throw new Error('a listener');
  };
  for (const event of ['insert', 'update', 'remove', 'expire', 'clear', 'close'] as const) map.on(event, spoil);
  for (const event of ['insert', 'update', 'remove', 'clear', 'close'] as const) record.on(event, spoil);
  for (const event of ['add', 'remove', 'empty', 'not-empty', 'close'] as const) queue.on(event, spoil);
  for (const event of ['insert', 'update', 'remove', 'clear', 'close'] as const) remote.on(event, spoil);
  await emitter.subscribe('ev', spoil);
  await emitter.subscribe('ev', () => Promise.reject(new Error('a listener')));
}

describe.each([1, 2])('a program that does everything wrong (seed %i)', (seed) => {
  it('gets an answer to every call, and leaves all members the same', async () => {
    grid = new TestGrid({ seed, faults: { minDelayInMs: 0, maxDelayInMs: 3, loss: 0.01, duplication: 0.01 } });
    database = new TestDatabase();
    const members = await grid.joined(ids, { requestTimeoutInMs: 1500 });
    for (const member of members) await sabotage(shown(member)).catch(() => undefined);
    const { random } = grid;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? (list[0] as T);
    const refusals: unknown[] = [];
    const made: Promise<unknown>[] = [];
    const note = (call: Promise<unknown>) => void made.push(call.catch((error: unknown) => refusals.push(error)));
    for (let turn = 0; turn < 90; turn++) {
      for (let i = 0; i < 5; i++) {
        const of = shown(pick(members));
        const call = pick(calls);
        note((async () => call(of, `k${Math.floor(random() * 3)}`, Math.floor(random() * 5)))());
        if (random() < 0.01) pick(Object.values(of)).close();
      }
      if (turn % 30 === 15) {
        const member = pick(members);
        note(random() < 0.5 ? member.leave().then(() => member.join()) : member.stop().then(() => member.start()));
      }
      await grid.time.pass(10);
    }
    await Promise.all(made);
    for (const error of refusals) expect(error).toBeInstanceOf(HamokError);
    const codes = refusals.map((error) => (error instanceof HamokError ? error.code : ''));
    const allowed = ['not-committed', 'indeterminate', 'closed', 'unavailable', 'join-timeout'];
    expect(allowed).toEqual(expect.arrayContaining(codes));
    grid.network.setFaults({});
    await Promise.all(members.map(({ ready }) => ready));
    // What had an end has ended.
    await grid.time.pass(3000);
    await grid.settled();
    const views = members.map((member) => {
      const { map, record, queue } = shown(member);
      return [[...map].sort(), Object.entries(record.instance).sort(), [...queue]];
    });
    for (const view of views) expect(view).toEqual(views[0]);
    expect(new Set(grid.errors.map((error) => ('code' in error ? error.code : error)))).toEqual(new Set(['listener']));
    await Promise.all(members.map((member) => member.close()));
    expect(grid.time.pending).toBe(0);
  });
});
