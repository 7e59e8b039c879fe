import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmitterState } from '../../src/emitter/emitter-state.js';
import type { Collections, MemberId } from '../../src/index.js';
import { ReplicatedState } from '../../src/replicated/replicated-state.js';
import { type Fate, type InMemoryGrid, ManualClock } from '../../src/testing/index.js';
import { bytesOf, startGrid } from '../grid.js';

type Events = { x: [n: number]; y: [n: number] };

const event = fc.constantFrom('x' as const, 'y' as const);
const member = fc.nat(2);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('publish' as const), member, event) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('subscribe' as const), member, event) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('unsubscribe' as const), member, event) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom('hold', 'commit', 'leader', 'pause', 'resume', 'snapshot', 'return', 'time', 'lose', 'double'),
      fc.constant(0),
      fc.constant('x' as const),
    ),
  },
);
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>('commit') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Fate>('commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'),
  },
);

/** What the log says: every event in its order, with who was subscribed. */
function published(grid: InMemoryGrid): { readonly n: number; readonly subscribers: readonly MemberId[] }[] {
  const events: { n: number; subscribers: readonly MemberId[] }[] = [];
  const ignore = () => undefined;
  const state = new ReplicatedState({
    self: () => 'nobody@1',
    session: { opened: ignore, applied: ignore, closed: ignore, failed: ignore },
    clock: new ManualClock(),
    maxInFlight: 4096,
    maxCommandBytes: 4096,
    propose: () => Promise.resolve(),
    receive: ignore,
  });
  state.observe('e', (storage) => {
    if (!(storage instanceof EmitterState)) return;
    storage.observer = (change) => {
      if (change.type !== 'published') return;
      const [n] = JSON.parse(new TextDecoder().decode(change.payload)) as [number];
      events.push({ n, subscribers: change.subscribers });
    };
  });
  state.membersChanged({ index: -1, joined: grid.founders, left: [] });
  for (const { index, time, command, joined = [], left = [] } of grid.log)
    if (command === undefined) state.membersChanged({ index, joined, left });
    else state.apply({ index, time, command });
  return events;
}

describe('published events', () => {
  it('reach every subscriber once and in one order, whatever happens, and their publishers learn whom', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 50, size: 'max' }),
        fc.array(fate, { maxLength: 60, size: 'max' }),
        // Without these, more can be told of what must come out.
        fc.subarray(['return', 'unsubscribe']),
        async (anySteps, path, without) => {
          const steps = anySteps.filter(([what]) => !without.includes(what));
          const { grid, clock, members, member: at } = await startGrid(3);
          const make = (each: Collections) => each.createEmitter<Events>({ emitterId: 'e', requestTimeoutInMs: 1e9 });
          const emitters = members.map(make);
          const heard: number[][] = [[], [], []];
          const listeners = heard.map((list) => (n: number) => void list.push(n));
          const missed: (number | undefined)[] = [];
          emitters[2]?.on('missed', (_event, count) => missed.push(count));
          // Who listens to what from the beginning.
          const listening = new Set(['0 x', '1 y', '2 x', '2 y']);
          const who = [0, 1, 2, 2];
          const what: (keyof Events)[] = ['x', 'y', 'x', 'y'];
          await Promise.all(
            who.map((i, at) => emitters[i]?.subscribe(what[at] ?? 'x', listeners[i] ?? (() => undefined))),
          );
          let proposals = 0;
          grid.fate = () => path[proposals++] ?? 'commit';

          const publications: { readonly n: number; readonly result: Promise<string[]> }[] = [];
          const others: Promise<unknown>[] = [];
          let incarnation = 1;
          let leader = 0;
          const name = () => `c@${incarnation}`;
          for (const [n, [what, who, which]] of steps.entries()) {
            const emitter = emitters[who];
            const listener = listeners[who];
            if (emitter === undefined || listener === undefined) continue;
            if (what === 'publish') publications.push({ n, result: emitter.publish(which, n) });
            const listens = `${who} ${which}`;
            if (what === 'subscribe' && !listening.has(listens)) {
              listening.add(listens);
              others.push(emitter.subscribe(which, listener));
            }
            if (what === 'unsubscribe') {
              listening.delete(listens);
              others.push(emitter.unsubscribe(which, listener));
            }
            if (what === 'hold') grid.holding = true;
            if (what === 'commit') grid.commit();
            if (what === 'leader') grid.changeLeader(leader++ % 2 === 0 ? 'b@1' : 'a@1');
            if (what === 'pause') grid.member(name()).paused = true;
            if (what === 'resume' || what === 'snapshot') {
              if (what === 'snapshot') await grid.sendSnapshot(name());
              grid.member(name()).paused = false;
              grid.member(name()).deliver();
            }
            if (what === 'return') {
              // Membership that is logged is not lost here: an engine makes one change at a time.
              grid.holding = false;
              grid.commit();
              grid.member(name()).paused = false;
              await grid.reincarnate(name(), `c@${++incarnation}`);
            }
            if (what === 'lose') grid.copiesOfFrame = () => 0;
            if (what === 'double') grid.copiesOfFrame = () => 2;
            if (what === 'time') await clock.advance(300);
            // What is awaited by a call that fails is seen below.
            for (const each of [...others, ...publications.map(({ result }) => result)]) each.catch(() => undefined);
          }
          grid.copiesOfFrame = () => 1;
          grid.fate = () => 'commit';
          grid.member(name()).paused = false;
          grid.holding = false;
          grid.commit();
          for (let round = 0; round < 8; round++) {
            grid.release();
            await clock.advance(5000);
          }

          // Every call has ended, without the help of its timeout.
          await Promise.allSettled(others);
          const results = await Promise.allSettled(publications.map(({ result }) => result));
          const events = published(grid);
          const order = new Map(events.map(({ n }, position) => [n, position]));
          expect(order.size).toBe(events.length);
          for (const list of heard) {
            const positions = list.map((n) => order.get(n) ?? -1);
            expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
            expect(positions).not.toContain(-1);
          }
          publications.forEach(({ n }, position) => {
            const result = results[position];
            if (result?.status !== 'fulfilled') return;
            for (const [who, id] of (incarnation === 1 ? ['a', 'b', 'c'] : ['a', 'b']).entries())
              expect([id, result.value.includes(id)]).toEqual([id, heard[who]?.includes(n)]);
            if (result.value.includes('c')) expect(heard[2]).toContain(n);
          });
          if (!steps.some(([what]) => what === 'unsubscribe')) {
            const due = (id: MemberId) =>
              events.filter(({ subscribers }) => subscribers.includes(id)).map(({ n }) => n);
            expect(heard[0]).toEqual(due('a@1'));
            expect(heard[1]).toEqual(due('b@1'));
            if (incarnation === 1) {
              const skipped = missed.reduce<number>((sum, count) => sum + (count ?? Number.NaN), 0);
              expect((heard[2]?.length ?? 0) + skipped).toBe(due('c@1').length);
            }
          }
          const snapshots = await Promise.all(members.map(({ machine }) => bytesOf(machine.snapshot())));
          for (const snapshot of snapshots) expect(snapshot).toEqual(snapshots[0]);
          for (const each of members) each.close();
          expect(at(0).closed && clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 200 },
    ));
});
