import { HamokMessage, MessageType } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collections, type HamokMap, SingleMemberEngine } from '../src/index.js';
import { ManualClock, settle } from '../src/testing/index.js';
import { bytesOf, startGrid } from './grid.js';

const numbers = (member: Collections): HamokMap<string, number> =>
  member.createMap({ mapId: 'm', requestTimeoutInMs: 1e9 });
const isTick = (command: Uint8Array | undefined) =>
  command !== undefined && HamokMessage.fromBinary(command).type === MessageType.ADVANCE_TIME_REQUEST;

describe('the end of an entry', () => {
  it('comes on every member at one place of the log, not before its time, by one entry for all that is due', async () => {
    const { grid, clock, members } = await startGrid(3);
    const maps = members.map(numbers);
    const told: unknown[][] = [[], [], []];
    for (const [i, map] of maps.entries()) map.on('expire', (key, value) => told[i]?.push([key, value]));
    const setting = maps[1]?.setAll(
      [
        ['b', 1],
        ['a', 2],
      ],
      { ttlInMs: 100 },
    );
    await clock.advance(0);
    await setting;
    await clock.advance(99);
    expect(maps.map((map) => map.get('a'))).toEqual([2, 2, 2]);
    await clock.advance(1);
    expect(maps.map((map) => [map.has('a'), map.size])).toEqual(Array(3).fill([false, 0]));
    // Due at one time: by the bytes of the keys.
    expect(told).toEqual(
      Array(3).fill([
        ['a', 2],
        ['b', 1],
      ]),
    );
    expect(grid.log.filter(({ command }) => isTick(command)).length).toBe(1);
    await clock.advance(10_000);
    expect(grid.log.filter(({ command }) => isTick(command)).length).toBe(1);
    for (const member of members) member.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is put off by touch and by another set, and lifted by a set without one', async () => {
    const { clock, member } = await startGrid(1);
    const map = numbers(member(0));
    const ended: string[] = [];
    map.on('expire', (key) => ended.push(key));
    const calls = [
      map.set('touched', 1, { ttlInMs: 100 }),
      map.set('set', 1, { ttlInMs: 100 }),
      map.set('lifted', 1, { ttlInMs: 100 }),
      map.insert('kept', 1, { ttlInMs: 100 }),
      map.set('endless', 1, { ttlInMs: 100 }),
      map.set('shortened', 1, { ttlInMs: 1000 }),
      map.set('removed', 1, { ttlInMs: 50 }),
    ];
    await clock.advance(50);
    await Promise.all(calls);
    expect(ended).toEqual(['removed']);
    const more = [
      map.touch('touched', 100),
      map.touch('missing', 100),
      map.touch('endless', Number.POSITIVE_INFINITY),
      map.touch('shortened', 20),
      map.set('set', 2, { ttlInMs: 70 }),
      map.set('lifted', 2),
      map.insert('kept', 2),
    ];
    await clock.advance(10);
    expect(await Promise.all(more)).toEqual([true, false, true, true, 1, 1, 1]);
    await clock.advance(10);
    expect(ended).toEqual(['removed', 'shortened']);
    await clock.advance(30);
    expect(ended).toEqual(['removed', 'shortened', 'kept']);
    await clock.advance(20);
    expect(ended).toEqual(['removed', 'shortened', 'kept', 'set']);
    await clock.advance(30);
    expect(ended).toEqual(['removed', 'shortened', 'kept', 'set', 'touched']);
    await clock.advance(5000);
    expect([...map.keys()]).toEqual(['lifted', 'endless']);
  });

  it('is before what any later entry does, whether or not the leader has noticed', async () => {
    const { grid, clock, members, member } = await startGrid(2);
    const [first, last] = [numbers(member(0)), numbers(member(1))];
    const setting = last.set('a', 1, { ttlInMs: 100 });
    await clock.advance(0);
    await setting;
    // Nothing of the leader's arrives, so that no one lets time pass.
    grid.fate = (from) => (from === 'a@1' ? 'lose' : 'commit');
    await clock.advance(500);
    expect(first.get('a')).toBe(1);
    const calls = [last.touch('a', 100), last.insert('a', 2), last.compareAndSet('b', 1, undefined)];
    await clock.advance(0);
    expect(await Promise.all(calls)).toEqual([false, undefined, true]);
    expect(first.get('a')).toBe(2);
    for (const each of members) each.close();
  });

  it('does not come while nobody leads, nor by a leader that was', async () => {
    const { grid, clock, member } = await startGrid(2);
    const map = numbers(member(1));
    const setting = map.set('a', 1, { ttlInMs: 100 });
    await clock.advance(0);
    await setting;
    // The first leader's entry is held, and lost with its leadership.
    grid.holding = true;
    await clock.advance(150);
    expect(grid.log.filter(({ command }) => isTick(command)).length).toBe(1);
    const stale = grid.log.find(({ command }) => isTick(command))?.command ?? new Uint8Array();
    grid.changeLeader('b@1');
    expect(map.has('a')).toBe(true);
    expect(member(1).machine.admit('a@1', stale)).toBe('not-leading');
    expect(member(1).machine.admit('b@1', stale)).toBe('bad-command');
    grid.holding = false;
    await clock.advance(1);
    expect(map.has('a')).toBe(false);
  });

  it('is tried again by the leader whose entry was refused', async () => {
    const { grid, clock, member } = await startGrid(1);
    const map = numbers(member(0));
    const setting = map.set('a', 1, { ttlInMs: 100 });
    await clock.advance(0);
    await setting;
    grid.fate = (_, command) => (isTick(command) ? 'refuse' : 'commit');
    await clock.advance(250);
    expect(map.has('a')).toBe(true);
    grid.fate = () => 'commit';
    await clock.advance(200);
    expect(map.has('a')).toBe(false);
  });

  it('stands on a member that has no facade, and in its snapshot', async () => {
    const { grid, clock, member } = await startGrid(3);
    const map = numbers(member(0));
    const setting = map.set('a', 1, { ttlInMs: 100 });
    await clock.advance(40);
    await setting;
    await grid.sendSnapshot('c@1');
    grid.changeLeader('c@1');
    const late = numbers(member(2));
    const asked = late.entry('a');
    expect(asked).toMatchObject({ value: 1, expiresAt: 100, expiresInMs: 60 });
    await clock.advance(60);
    expect([map.has('a'), late.has('a')]).toEqual([false, false]);
    const [a, b, c] = await Promise.all([0, 1, 2].map((i) => bytesOf(member(i).machine.snapshot())));
    expect([b, c]).toEqual([a, a]);
  });

  it('comes by a leader that took over a snapshot, and has heard of the map in no other way', async () => {
    const { grid, clock, member } = await startGrid(2);
    const map = numbers(member(0));
    const setting = map.set('a', 1, { ttlInMs: 100 });
    await clock.advance(40);
    await setting;
    await grid.sendSnapshot('b@1');
    grid.changeLeader('b@1');
    await clock.advance(60);
    expect(map.has('a')).toBe(false);
    expect(await bytesOf(member(1).machine.snapshot())).toEqual(await bytesOf(member(0).machine.snapshot()));
  });

  it('comes in the order of deadlines, and then of the ids, over all maps', async () => {
    const { clock, member } = await startGrid(1);
    const order: string[] = [];
    const calls: Promise<unknown>[] = [];
    for (const [mapId, ttl] of [
      ['z', 5],
      ['y', 5],
      ['x', 7],
    ] as const) {
      const map = member(0).createMap<string, number>({ mapId });
      map.on('expire', (key) => order.push(`${mapId}.${key}`));
      calls.push(map.set('a', 1, { ttlInMs: ttl }));
    }
    await clock.advance(6);
    await Promise.all(calls);
    expect(order).toEqual(['y.a', 'z.a']);
    await clock.advance(1);
    expect(order).toEqual(['y.a', 'z.a', 'x.a']);
  });

  it('is refused where it is no time', async () => {
    const { member } = await startGrid(1);
    const map = numbers(member(0));
    for (const ttlInMs of [0, -1, Number.NaN]) {
      await expect(map.set('a', 1, { ttlInMs })).rejects.toMatchObject({ code: 'option', field: 'ttlInMs' });
      await expect(map.setAll([['a', 1]], { ttlInMs })).rejects.toMatchObject({ code: 'option' });
      await expect(map.touch('a', ttlInMs)).rejects.toMatchObject({ code: 'option' });
    }
  });

  it('comes on a member that is alone', async () => {
    const clock = new ManualClock();
    const member = new Collections(new SingleMemberEngine({ clock }), { clock });
    await member.start();
    const map = numbers(member);
    const setting = map.set('a', 1, { ttlInMs: 0.5 });
    await clock.advance(0);
    await setting;
    await clock.advance(1);
    expect(map.has('a')).toBe(false);
    member.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

const key = fc.constantFrom('a', 'b', 'c');
const ttl = fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined });
const operation = fc.oneof(
  fc.record({ name: fc.constantFrom('set' as const, 'insert' as const), key, value: fc.nat(9), ttl }),
  fc.record({ name: fc.constant('touch' as const), key, ttl: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ name: fc.constant('remove' as const), key }),
);
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const), by: fc.nat(2), operation }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(50) }) },
  fc.record({ do: fc.constant('lead' as const), to: fc.nat(2) }),
  fc.record({ do: fc.constant('snapshot' as const), to: fc.nat(2) }),
);

/** What a map with ends is: keys with a value and a deadline, of which nothing is left when its time has come. */
class Model {
  readonly entries = new Map<string, { readonly value: number; readonly end: number }>();

  apply(each: typeof operation extends fc.Arbitrary<infer T> ? T : never, now: number): unknown {
    for (const [name, { end }] of this.entries) if (end <= now) this.entries.delete(name);
    const before = this.entries.get(each.key);
    if (each.name === 'remove') return this.entries.delete(each.key);
    const end = each.ttl === undefined ? Number.POSITIVE_INFINITY : now + each.ttl;
    if (each.name === 'touch') {
      if (before !== undefined) this.entries.set(each.key, { value: before.value, end });
      return before !== undefined;
    }
    if (each.name === 'set' || before === undefined) this.entries.set(each.key, { value: each.value, end });
    return before?.value;
  }

  at(now: number): [string, number][] {
    return [...this.entries].filter(([, { end }]) => end > now).map(([name, { value }]) => [name, value]);
  }
}

describe('a map with ends', () => {
  it('is what the model says, at any time, under any leader, and the same bytes on every member', () =>
    fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
        const { grid, clock, members, member } = await startGrid(3);
        const maps = members.slice(0, 2).map(numbers);
        await settle();
        const model = new Model();
        for (const each of happenings) {
          if (each.do === 'call') {
            const map = maps[each.by % maps.length];
            const { operation: call } = each;
            const options = 'ttl' in call && call.ttl !== undefined ? { ttlInMs: call.ttl } : {};
            let outcome: unknown;
            if (call.name === 'set') outcome = map?.set(call.key, call.value, options);
            else if (call.name === 'insert') outcome = map?.insert(call.key, call.value, options);
            else if (call.name === 'touch') outcome = map?.touch(call.key, call.ttl);
            else outcome = map?.remove(call.key);
            await settle();
            expect(await outcome).toEqual(model.apply(call, clock.now()));
          } else if (each.do === 'pass') await clock.advance(each.ms);
          else if (each.do === 'lead') grid.changeLeader(grid.members[each.to] ?? 'a@1');
          else if (grid.leader !== grid.members[each.to]) await grid.sendSnapshot(grid.members[each.to] ?? 'a@1');
          await settle();
          // A new leader waits at least for the next tick of its clock.
          if (each.do === 'lead' || each.do === 'snapshot') await clock.advance(1);
          for (const map of maps) expect(new Map(map)).toEqual(new Map(model.at(clock.now())));
          const [a, b, c] = await Promise.all([0, 1, 2].map((i) => bytesOf(member(i).machine.snapshot())));
          expect([b, c]).toEqual([a, a]);
        }
        for (const each of members) each.close();
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 150 },
    ));
});
