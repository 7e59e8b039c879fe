import { HamokMessage, MessageType } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HamokMap } from '../src/index.js';
import { type Fate, type LogEntry, settle } from '../src/testing/index.js';
import { ids, startGrid } from './grid.js';

type Numbers = HamokMap<string, number>;
type Call = (map: Numbers) => Promise<unknown>;

const key = fc.constantFrom('a', 'b', 'c');
const value = fc.nat(4);
const ttl = fc.option(fc.constantFrom(20, 50, 200), { nil: undefined });
const options = (ttlInMs: number | undefined) => (ttlInMs === undefined ? {} : { ttlInMs });
const entries = fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 4 });
const keys = fc.array(key, { minLength: 1, maxLength: 4 });

/** Every call that changes a map. */
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(key, value, ttl).map(
    ([k, v, t]): Call =>
      (map) =>
        map.set(k, v, options(t)),
  ),
  fc.tuple(key, value, ttl).map(
    ([k, v, t]): Call =>
      (map) =>
        map.insert(k, v, options(t)),
  ),
  fc.tuple(entries, ttl).map(
    ([list, t]): Call =>
      (map) =>
        map.setAll(list, options(t)),
  ),
  fc.tuple(entries, ttl).map(
    ([list, t]): Call =>
      (map) =>
        map.insertAll(list, options(t)),
  ),
  fc.tuple(key, value, value).map(
    ([k, v, old]): Call =>
      (map) =>
        map.updateIf(k, v, old),
  ),
  fc.tuple(key, value).map(
    ([k, old]): Call =>
      (map) =>
        map.removeIf(k, old),
  ),
  fc.tuple(key, value).map(
    ([k, v]): Call =>
      (map) =>
        map.compareAndSet(k, v, map.entry(k)?.revision),
  ),
  fc.tuple(key, ttl).map(
    ([k, t]): Call =>
      (map) =>
        map.touch(k, t ?? Number.POSITIVE_INFINITY),
  ),
  key.map(
    (k): Call =>
      (map) =>
        map.delete(k),
  ),
  keys.map(
    (list): Call =>
      (map) =>
        map.deleteAll(list),
  ),
  keys.map(
    (list): Call =>
      (map) =>
        map.removeAll(list),
  ),
  fc.constant<Call>((map) => map.clear()),
);

interface Held {
  value: number;
  revision: number;
  until: number;
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** What the log says, read naively: the results by member and sequence, and what is there in the end. */
function replay(log: readonly LogEntry[]): { results: Map<string, unknown>; content: [string, number][] } {
  const held = new Map<string, Held>();
  const results = new Map<string, unknown>();
  const next = new Map<string, number>();
  for (const { index, time, command } of log) {
    for (const [k, { until }] of [...held]) if (until <= time) held.delete(k);
    const message = command === undefined ? undefined : HamokMessage.fromBinary(command);
    const { sourceId, sourceIncarnation, sessionSequence: sequence } = message ?? {};
    if (message === undefined || sequence === undefined) continue;
    const member = `${sourceId}@${sourceIncarnation}`;
    // Once each, in order: what comes again, or too early, is nothing.
    if (sequence !== (next.get(member) ?? 1)) continue;
    next.set(member, sequence + 1);
    results.set(`${member}/${sequence}`, applied(message, held, index, time));
  }
  return { results, content: [...held].map(([k, each]) => [k, each.value]) };
}

function applied(message: HamokMessage, held: Map<string, Held>, index: number, time: number): unknown {
  const { type, prevValue, ttlInMs, revision } = message;
  const names = message.keys.map((bytes) => parse(bytes) as string);
  const values = message.values.map((bytes) => parse(bytes) as number);
  const [first = ''] = names;
  const until = ttlInMs === undefined ? Number.POSITIVE_INFINITY : time + ttlInMs;
  const write = (k: string, v: number | undefined) => held.set(k, { value: v ?? Number.NaN, revision: index, until });
  const before = names.map((k) => held.get(k)?.value);
  const expected = prevValue === undefined ? undefined : parse(prevValue);
  switch (type) {
    case MessageType.UPDATE_ENTRIES_REQUEST:
      if (prevValue !== undefined && before[0] !== expected) return false;
      if (revision !== undefined && (held.get(first)?.revision ?? -1) !== revision) return false;
      if (prevValue !== undefined || revision !== undefined) return write(first, values[0]) && true;
      return names.map((k, i) => {
        const was = held.get(k)?.value;
        write(k, values[i]);
        return [k, was];
      });
    case MessageType.INSERT_ENTRIES_REQUEST:
      return names.map((k, i) => {
        const was = held.get(k)?.value;
        if (was === undefined) write(k, values[i]);
        return [k, was];
      });
    case MessageType.TOUCH_ENTRIES_REQUEST: {
      const touched = held.get(first);
      if (touched !== undefined) touched.until = until;
      return touched !== undefined;
    }
    case MessageType.CLEAR_ENTRIES_REQUEST:
      held.clear();
      return undefined;
    default:
      if (prevValue !== undefined && before[0] !== expected) return false;
      return names.map((k) => {
        const was = held.get(k)?.value;
        held.delete(k);
        return [k, was];
      });
  }
}

/** A result as the facade gives it, of what the model says about the keys. */
function matches(result: unknown, modelled: unknown): boolean {
  if (!Array.isArray(modelled)) return result === modelled;
  const pairs = modelled as [string, number | undefined][];
  const there = pairs.filter(([, was]) => was !== undefined);
  if (result instanceof Map) return JSON.stringify([...result].sort()) === JSON.stringify([...new Map(there)].sort());
  if (result instanceof Set)
    return JSON.stringify([...result].sort()) === JSON.stringify([...new Set(there.map(([k]) => k))].sort());
  return typeof result === 'boolean' ? result === there.length > 0 : result === pairs[0]?.[1];
}

const fates: Fate[] = ['commit', 'commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'];
const happenings = fc.constantFrom('hold', 'leader', 'time', 'turn', 'pause', 'snapshot', 'release');

describe('random calls of three members at once', () => {
  it('give what a naive reader of the log gives, whatever happens to proposals, leaders and members', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(call, fc.nat(2)), { minLength: 1, maxLength: 40 }),
        fc.array(happenings, { maxLength: 40 }),
        fc.array(fc.constantFrom(...fates), { maxLength: 40 }),
        async (calls, path, ways) => {
          const { grid, clock, members } = await startGrid(3);
          const maps = members.map((member) =>
            member.createMap<string, number>({ mapId: 'm', requestTimeoutInMs: 1e9 }),
          );
          await Promise.all([clock.advance(0), ...maps.map(({ ready }) => ready)]);
          let step = 0;
          grid.fate = () => ways[step++] ?? 'commit';
          const made: { readonly by: number; readonly result: Promise<unknown> }[] = [];
          for (let i = 0; i < Math.max(calls.length, path.length); i++) {
            const [make, by] = calls[i] ?? [];
            const map = maps[by ?? 0];
            if (make !== undefined && map !== undefined) made.push({ by: by ?? 0, result: make(map) });
            switch (path[i]) {
              case 'hold':
                grid.holding = !grid.holding;
                if (!grid.holding) grid.commit();
                break;
              case 'leader':
                grid.changeLeader(grid.leader === 'a@1' ? 'b@1' : 'a@1');
                break;
              case 'time':
                await clock.advance(30);
                break;
              case 'pause':
                grid.member('c@1').paused = !grid.member('c@1').paused;
                break;
              case 'snapshot':
                await grid.sendSnapshot('c@1');
                break;
              case 'release':
                grid.release();
                break;
              default:
                await settle();
            }
          }
          grid.fate = () => 'commit';
          grid.member('c@1').paused = false;
          grid.holding = false;
          grid.commit();
          grid.release();
          for (let round = 0; round < 40; round++) await clock.advance(1000);
          const { results, content } = replay(grid.log);
          const last = new Map<number, number>();
          for (const { by, result } of made) {
            // The first command of each member opened the map.
            const sequence = (last.get(by) ?? 1) + 1;
            last.set(by, sequence);
            const modelled = results.get(`${ids[by]}/${sequence}`);
            const given = await result;
            expect(matches(given, modelled), `${String(given)} where the log says ${JSON.stringify(modelled)}`).toBe(
              true,
            );
          }
          for (const map of maps) expect([...map].sort()).toEqual(content.sort());
        },
      ),
      { numRuns: 100 },
    ));
});
