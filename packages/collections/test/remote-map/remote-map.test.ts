import { describe, expect, it } from 'vitest';
import { Collections, type HamokRemoteMapOptions, SingleMemberEngine } from '../../src/index.js';
import { ManualClock, TestDatabase } from '../../src/testing/index.js';
import { eventsOf, remoteGrid } from './remote-grid.js';

const failure = (code: string) => Object.assign(new Error(`it said ${code}`), { code });

describe('a storage that fails', () => {
  it('fails that call, by an error that says what it said, and the next change is made', async () => {
    const { clock, database, map, errors } = await remoteGrid(3);
    const events = eventsOf(map(1));
    database.before = () => {
      database.before = () => undefined;
      throw failure('23505');
    };
    const outcomes = Promise.allSettled([map(1).set('a', 1), map(1).set('b', 2)]);
    await clock.advance(10);
    expect(await outcomes).toEqual([
      {
        status: 'rejected',
        reason: expect.objectContaining({
          name: 'StorageFailedError',
          code: 'storage-failed',
          reason: '23505',
          message: 'it said 23505',
          mayHaveHappened: true,
        }),
      },
      { status: 'fulfilled', value: undefined },
    ]);
    expect(database.entries).toEqual([['b', 2]]);
    expect(events).toEqual([['insert', 'b', 2]]);
    expect(errors).toEqual([]);
  });

  it.each(['mayHaveHappened', 'other'])('says of a change whether it may have happened (%s)', async (field) => {
    const { clock, database, map } = await remoteGrid(1);
    database.before = () => {
      throw Object.assign(failure('x'), { [field]: false });
    };
    const outcome = map(0).clear();
    await Promise.all([
      expect(outcome).rejects.toMatchObject({ code: 'storage-failed', mayHaveHappened: field === 'other' }),
      clock.advance(10),
    ]);
  });

  it('is tried again while it is not to be reached; who cannot wait is told that the change may happen', async () => {
    const { clock, database, map, errors } = await remoteGrid(3);
    database.before = () => Promise.reject(failure('ECONNREFUSED'));
    const patient = map(2).set('a', 1);
    const impatient = map(1).set('b', 2, { timeoutInMs: 1000 });
    const controller = new AbortController();
    const aborted = map(1).set('c', 3, { signal: controller.signal });
    const ended = Promise.allSettled([impatient, aborted]);
    await clock.advance(500);
    controller.abort('enough');
    await clock.advance(1000);
    for (const outcome of await ended)
      expect(outcome).toMatchObject({ reason: { code: 'indeterminate', mayHaveHappened: true } });
    // Once an outage, on the member that leads.
    expect(errors).toEqual([expect.objectContaining({ code: 'storage-failed', reason: 'unavailable' })]);
    database.before = () => undefined;
    await clock.advance(6000);
    expect(await patient).toBeUndefined();
    expect(database.entries).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('fails a change that it could not make for so long', async () => {
    const { clock, database, map } = await remoteGrid(1, { storageTimeoutInMs: 2000 });
    let changes = 0;
    database.before = () => (changes++ < 100 ? Promise.reject(failure('storage-unavailable')) : undefined);
    const outcome = expect(map(0).set('a', 1)).rejects.toMatchObject({
      code: 'storage-failed',
      reason: 'storage-unavailable',
    });
    await clock.advance(4000);
    await outcome;
    changes = 100;
    await Promise.all([map(0).set('b', 1), clock.advance(6000)]);
    expect(database.entries).toEqual([['b', 1]]);
  });

  it('that does not answer does not hold up the others for ever', async () => {
    const { clock, database, map } = await remoteGrid(1, { storageTimeoutInMs: 2000 });
    database.before = () => {
      database.before = () => undefined;
      return new Promise(() => undefined);
    };
    const stuck = expect(map(0).set('a', 1)).rejects.toMatchObject({ reason: 'timeout', mayHaveHappened: true });
    const next = map(0).set('b', 1);
    await clock.advance(2500);
    await stuck;
    expect(await next).toBeUndefined();
  });

  it('fails reads as such', async () => {
    const { database, map } = await remoteGrid(1);
    database.before = () => Promise.reject(failure('ECONNREFUSED'));
    const error = { code: 'storage-failed', reason: 'ECONNREFUSED', mayHaveHappened: false };
    await expect(map(0).get('a')).rejects.toMatchObject(error);
    await expect(map(0).getAll(['a'])).rejects.toMatchObject(error);
    await expect(map(0).size()).rejects.toMatchObject(error);
    await expect(map(0).isEmpty()).rejects.toMatchObject(error);
    await expect(map(0).keys()).rejects.toMatchObject(error);
    await expect(map(0).iterator().next()).rejects.toMatchObject(error);
  });

  it('may throw what is no error', async () => {
    const { clock, database, map } = await remoteGrid(1);
    database.before = () => {
      throw 'no';
    };
    await Promise.all([
      expect(map(0).set('a', 1)).rejects.toMatchObject({ code: 'storage-failed', reason: 'unknown', message: 'no' }),
      expect(map(0).get('a')).rejects.toMatchObject({ code: 'storage-failed', reason: 'unknown' }),
      clock.advance(10),
    ]);
  });
});

describe('changes that wait', () => {
  it('are bounded in bytes', async () => {
    const clock = new ManualClock();
    const engine = new SingleMemberEngine({ clock });
    const collections = new Collections(engine, { clock });
    await collections.start();
    const database = new TestDatabase<string, string>();
    database.before = () => new Promise(() => undefined);
    const map = collections.createRemoteMap<string, string>({ mapId: 'm', remoteMap: database.client('a') });
    const large = 'x'.repeat(3.9 * 1024 * 1024);
    const outcomes = Array.from({ length: 5 }, (_, i) => map.set(`${i}`, large));
    await expect(outcomes[4]).rejects.toMatchObject({ code: 'busy' });
    const others = Promise.allSettled(outcomes.slice(0, 4));
    map.close();
    for (const each of await others) expect(each).toMatchObject({ reason: { code: 'closed', mayHaveHappened: true } });
    collections.close();
    await engine.stop();
  });

  it('end with the map, also those that are not in the log yet', async () => {
    const { clock, database, map } = await remoteGrid(3);
    const outcome = Promise.allSettled([map(1).set('a', 1, { timeoutInMs: Number.POSITIVE_INFINITY })]);
    map(1).close();
    await clock.advance(100);
    expect(await outcome).toMatchObject([{ reason: { code: 'closed', mayHaveHappened: true } }]);
    expect(database.entries).toEqual([['a', 1]]);
  });

  it('wait for a leader that shows the map', async () => {
    const { clock, database, member, storageOf, map, grid } = await remoteGrid(2);
    map(0).close();
    const outcome = map(1).set('a', 1);
    await clock.advance(1000);
    expect(database.changes).toEqual([]);
    member(0).createRemoteMap({ mapId: 'm', remoteMap: storageOf(0) });
    await clock.advance(10);
    expect(await outcome).toBeUndefined();
    member(0).storages.get('m')?.close();
    const next = map(1).set('a', 2);
    await clock.advance(10);
    grid.changeLeader('b@1');
    await clock.advance(10);
    expect(await next).toBe(1);
  });
});

describe('results and values', () => {
  it('that take more than one command come in parts', async () => {
    const it = await remoteGrid(3, {}, { maxCommandBytes: 2048 });
    const entries: [string, number][] = Array.from({ length: 200 }, (_, i) => [
      `${'k'.repeat(20)}${i}`,
      i * 1e15 + 0.1,
    ]);
    const split = { atomic: false };
    const set = it.map(2).setAll(entries, split);
    await it.clock.advance(100);
    await set;
    const again = it.map(2).setAll(entries, split);
    await it.clock.advance(100);
    expect(await again).toEqual(new Map(entries));
    // Its keys fit into one command, and the values that were there do not.
    for (const [key] of entries.slice(0, 20)) it.database.client('x').set(key, 'y'.repeat(500) as never);
    const events = it.maps.map(eventsOf);
    const removed = it.map(2).removeAll(entries.slice(0, 20).map(([key]) => key));
    await it.clock.advance(100);
    expect((await removed).size).toBe(20);
    for (const told of events) expect(told).toHaveLength(20);
    const tooLarge = it.map(2).setAll(entries);
    await expect(tooLarge).rejects.toMatchObject({ code: 'too-large', mayHaveHappened: false });
  });

  it('that cannot be decoded fail their call, before anything is changed where that is known', async () => {
    const clock = new ManualClock();
    const engine = new SingleMemberEngine({ clock });
    const collections = new Collections(engine, { clock });
    await collections.start();
    const database = new TestDatabase<string, number>();
    const only = (least: number) => ({
      encode: (value: number) => {
        if (value < least) throw new Error('too small');
        return Uint8Array.of(value);
      },
      decode: ([value = 0]: Uint8Array) => {
        if (value === 99) throw new Error('spoiled');
        return value;
      },
    });
    const options = { mapId: 'm', remoteMap: database.client('a'), valueCodec: only(10) };
    const map = collections.createRemoteMap<string, number>(options);
    await expect(map.set('a', 1)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    await expect(map.set('a', 99)).rejects.toMatchObject({
      code: 'storage-failed',
      reason: 'codec',
      mayHaveHappened: false,
    });
    expect(database.entries).toEqual([]);
    await database.client('b').set('a', 1);
    await expect(map.set('a', 20)).rejects.toMatchObject({
      code: 'storage-failed',
      reason: 'codec',
      mayHaveHappened: true,
    });
    await expect(map.set('a', 30)).resolves.toBe(20);
    collections.close();
    await engine.stop();
  });

  it('are compared by the function of the leader, where there is one', async () => {
    const equalValues = (a: number, b: number) => Math.round(a) === Math.round(b);
    const { clock, map } = await remoteGrid(2, { equalValues });
    await Promise.all([map(1).set('a', 1.1), clock.advance(10)]);
    const outcomes = Promise.all([map(1).updateIf('a', 2, 0.9), map(1).updateIf('a', 3, 1)]);
    await clock.advance(10);
    expect(await outcomes).toEqual([true, false]);
    map(0).equalValues = () => true;
    const removed = map(1).removeIf('a', 77);
    await clock.advance(10);
    expect(await removed).toBe(true);
  });
});

describe('events', () => {
  it('are not emitted where nobody wants them, and are elsewhere', async () => {
    const { clock, map, maps } = await remoteGrid(3, { noEvents: true });
    expect(maps.map(({ emitEvents }) => emitEvents)).toEqual([false, false, false]);
    map(1).emitEvents = true;
    const events = maps.map(eventsOf);
    await Promise.all([map(0).set('a', 1), clock.advance(10)]);
    expect(events.map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  it('whose listeners throw, or whose values cannot be decoded, hold up nothing', async () => {
    const { clock, map, maps, errors } = await remoteGrid(2);
    map(1).on('insert', () => {
      throw new Error('listener');
    });
    const events = maps.map(eventsOf);
    const results = Promise.all([map(1).set('a', 1), map(1).set('a', 2)]);
    await clock.advance(10);
    expect(await results).toEqual([undefined, 1]);
    expect(events[0]).toHaveLength(2);
    expect(errors).toMatchObject([{ code: 'listener' }]);
  });
});

describe('a member that takes over a snapshot', () => {
  it('goes on waiting for what is not made, and is told that it missed the rest', async () => {
    const { grid, clock, database, map } = await remoteGrid(3);
    const gates: (() => void)[] = [];
    database.before = () => new Promise((resolve) => gates.push(resolve));
    const events = eventsOf(map(2));
    const missed = expect(map(2).set('a', 1)).rejects.toMatchObject({ code: 'indeterminate', mayHaveHappened: true });
    await clock.advance(0);
    const waiting = map(2).set('b', 2);
    await clock.advance(0);
    grid.member('c@1').paused = true;
    gates.shift()?.();
    await clock.advance(10);
    expect([gates.length, map(0).export().appliedCommitIndex >= 0]).toEqual([1, true]);
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    await missed;
    gates.shift()?.();
    await clock.advance(10);
    expect(await waiting).toBeUndefined();
    expect(events).toEqual([['insert', 'b', 2]]);
    expect(database.entries).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('and leads, goes on with the first change that has no outcome there', async () => {
    const { grid, clock, database, map } = await remoteGrid(3);
    database.before = ({ client }) => (client === 'a@1' ? new Promise(() => undefined) : undefined);
    const results = Promise.all([map(2).set('a', 1), map(2).set('a', 2)]);
    await clock.advance(10);
    await grid.sendSnapshot('b@1');
    grid.changeLeader('b@1');
    await clock.advance(10);
    expect(await results).toEqual([undefined, 1]);
    expect(database.changes.map(({ client }) => client)).toEqual(['b@1', 'b@1']);
  });

  it('as another incarnation still hears what became of its change', async () => {
    const { grid, clock, database, map } = await remoteGrid(3);
    let letGo: () => void = () => undefined;
    database.before = () => new Promise((resolve) => (letGo = resolve));
    const result = map(2).set('a', 1);
    await clock.advance(10);
    await grid.reincarnate('c@1', 'c@2');
    database.before = () => undefined;
    letGo();
    await clock.advance(10);
    expect(await result).toBeUndefined();
    const next = map(2).set('a', 2);
    await clock.advance(10);
    expect(await next).toBe(1);
  });
});

describe('a member that leaves', () => {
  it('is not told what becomes of its changes, which are made nevertheless', async () => {
    const { grid, clock, database, map } = await remoteGrid(3);
    let letGo: () => void = () => undefined;
    database.before = () => new Promise((resolve) => (letGo = resolve));
    const endless = { timeoutInMs: Number.POSITIVE_INFINITY };
    const ended = expect(map(2).set('a', 1, endless)).rejects.toMatchObject({ code: 'indeterminate' });
    await clock.advance(10);
    grid.leave('c@1');
    await ended;
    letGo();
    await clock.advance(10);
    expect(database.entries).toEqual([['a', 1]]);
  });
});

describe('wrong arguments', () => {
  const { client } = { client: new TestDatabase<string, number>().client('a') };
  const collections = new Collections(new SingleMemberEngine());
  it.each([
    ['remoteMap', { mapId: 'm' }],
    ['remoteMap', { mapId: 'm', remoteMap: null }],
    ['remoteMap', { mapId: 'm', remoteMap: new Map() }],
    ['remoteMap', { mapId: 'm', remoteMap: 'redis://' }],
    ['mapId', { remoteMap: client }],
    ['keyCodec', { mapId: 'm', remoteMap: client, keyCodec: {} }],
    ['storageTimeoutInMs', { mapId: 'm', remoteMap: client, storageTimeoutInMs: 0 }],
    ['storageTimeoutInMs', { mapId: 'm', remoteMap: client, storageTimeoutInMs: 'soon' }],
    ['equalValues', { mapId: 'm', remoteMap: client, equalValues: true }],
  ])('are refused by their name: %s of %j', (field, options) => {
    const create = () => collections.createRemoteMap(options as unknown as HamokRemoteMapOptions<string, number>);
    expect(create).toThrow(expect.objectContaining({ code: 'option', field }));
    expect(collections.storages.size).toBe(0);
  });

  it('reject in calls', async () => {
    const map = collections.createRemoteMap<string, number>({ mapId: 'm', remoteMap: client });
    const wrong = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'option' });
    await wrong(map.setAll(5 as never));
    await wrong(map.setAll([5] as never));
    await wrong(map.getAll(undefined as never));
    await wrong(map.deleteAll(7 as never));
    await wrong(map.set('a', 1, { timeoutInMs: Number.NaN }));
    await wrong(map.set('a', 1, { signal: {} as never }));
    expect(() => map.import(undefined as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    expect(() => map.import({ mapId: 'other', appliedCommitIndex: 1 })).toThrow();
    expect(map.import({ mapId: 'm', appliedCommitIndex: -1 })).toBeUndefined();
    map.close();
  });
});
