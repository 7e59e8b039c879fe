import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HamokMap } from '../src/index.js';
import { settle } from '../src/testing/index.js';
import { bytesOf, startGrid } from './grid.js';
import { fate } from './misfortunes.js';

const key = fc.constantFrom('a', 'b', 'c');
const operation = fc.oneof(
  fc.tuple(fc.constant('set' as const), key, fc.nat(9)),
  fc.tuple(fc.constant('insert' as const), key, fc.nat(9)),
  fc.tuple(fc.constant('delete' as const), key, fc.nat(9)),
  fc.tuple(fc.constant('updateIf' as const), key, fc.nat(9)),
  fc.tuple(fc.constant('removeIf' as const), key, fc.nat(9)),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Makes the call, on the map or on the model. */
function call(map: HamokMap<string, number>, [name, at, value]: Operation): Promise<unknown> {
  if (name === 'set') return map.set(at, value);
  if (name === 'insert') return map.insert(at, value);
  if (name === 'delete') return map.delete(at);
  return name === 'updateIf' ? map.updateIf(at, value + 1, value) : map.removeIf(at, value);
}

function model(map: Map<string, number>, [name, at, value]: Operation): unknown {
  const before = map.get(at);
  if (name === 'set') map.set(at, value);
  else if (name === 'insert') map.set(at, before ?? value);
  else if (name === 'delete') return map.delete(at);
  else if (before !== value) return false;
  else if (name === 'updateIf') map.set(at, value + 1);
  else map.delete(at);
  return name === 'set' || name === 'insert' ? before : true;
}

describe('calls of one member', () => {
  it('are made exactly once and in their order, whatever becomes of the proposals', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 30 }),
        fc.array(fate, { maxLength: 60 }),
        fc.array(fc.nat(5), { maxLength: 10 }),
        fc.boolean(),
        async (operations, path, pauses, checking) => {
          const { grid, clock, member, members } = await startGrid(2);
          grid.checking = checking;
          const map = member(1).createMap<string, number>({ mapId: 'm', requestTimeoutInMs: 1e9 });
          let step = 0;
          grid.fate = () => path[step++] ?? 'commit';
          const results: Promise<unknown>[] = [];
          for (const [i, each] of operations.entries()) {
            results.push(call(map, each));
            if (pauses.includes(i % 6)) await clock.advance(7);
          }
          // Fates run out, so that in the end everything arrives.
          for (let round = 0; step < path.length + operations.length && round < 200; round++) {
            grid.release();
            await clock.advance(500);
          }
          grid.release();
          await clock.advance(30_000);
          const expected = new Map<string, number>();
          expect(await Promise.all(results)).toEqual(operations.map((each) => model(expected, each)));
          expect([...map]).toEqual([...expected]);
          const [a, b] = await Promise.all(members.map(({ machine }) => bytesOf(machine.snapshot())));
          expect(a).toEqual(b);
          for (const each of members) each.close();
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 150 },
    ));

  it('survive changes of the leader, and members that take over a snapshot', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        fc.array(fc.constantFrom('hold', 'commit', 'leader', 'snapshot', 'pause', 'time'), { maxLength: 30 }),
        async (operations, checking, happenings) => {
          const { grid, clock, member, members } = await startGrid(3);
          grid.checking = checking;
          const map = member(2).createMap<string, number>({ mapId: 'm', requestTimeoutInMs: 1e9 });
          const results: Promise<unknown>[] = [];
          let leader = 0;
          for (let i = 0; i < Math.max(operations.length, happenings.length); i++) {
            const each = operations[i];
            if (each !== undefined) results.push(call(map, each));
            const happening = happenings[i];
            if (happening === 'hold') grid.holding = true;
            if (happening === 'commit') grid.commit();
            if (happening === 'leader') grid.changeLeader(leader++ % 2 === 0 ? 'b@1' : 'a@1');
            if (happening === 'pause') grid.member('c@1').paused = true;
            if (happening === 'snapshot') {
              await grid.sendSnapshot('c@1');
              grid.member('c@1').paused = false;
            }
            if (happening === 'time') await clock.advance(40);
            await settle();
          }
          grid.member('c@1').paused = false;
          grid.holding = false;
          grid.commit();
          await clock.advance(30_000);
          const expected = new Map<string, number>();
          expect(await Promise.all(results)).toEqual(operations.map((each) => model(expected, each)));
          expect([...map]).toEqual([...expected]);
          const snapshots = await Promise.all(members.map(({ machine }) => bytesOf(machine.snapshot())));
          for (const snapshot of snapshots) expect(snapshot).toEqual(snapshots[0]);
        },
      ),
      { numRuns: 150 },
    ));
});
