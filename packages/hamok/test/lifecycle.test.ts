import { MemoryNetwork } from '@hamok/transport/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError, Hamok, type HamokConfig, memoryStorage, UnavailableError } from '../src/index.js';
import { other, TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(() => grid.close());

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code,
  );

describe('a member', () => {
  it('is empty before it starts', () => {
    const member = grid.member('a');
    expect([member.state, member.run, member.closed, member.leader, member.leaderId]).toEqual([
      'empty',
      false,
      false,
      false,
      undefined,
    ]);
    expect(member.raft).toBeUndefined();
    expect(new Set(Object.values(member.stats))).toEqual(new Set([0]));
  });

  it('joins, and knows its grid', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    expect(members.filter((member) => member.leader)).toEqual([leader]);
    expect(members.map(({ leaderId }) => leaderId)).toEqual(members.map(() => leader.localPeerId));
    expect(members.map(({ remotePeerIds }) => [...remotePeerIds].sort())).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
    expect(members.map(({ run, state }) => [run, state === 'empty'])).toEqual(members.map(() => [true, false]));
    expect(leader.stats.numberOfRemotePeers).toBe(2);
    expect(leader.stats.raftLogsBytesInMemory).toBeGreaterThan(0);
    expect(await Promise.all(members.map(({ ready }) => ready))).toEqual(members);
    expect(grid.errors).toEqual([]);
  });

  it('finds others before there is a grid, and who is in one', async () => {
    const [a, b] = [grid.member('a', { bootstrap: false }), grid.member('b', { bootstrap: false })];
    expect(await code(a.fetchRemotePeers())).toBe('closed');
    await Promise.all([a.start(), b.start()]);
    expect(await code(a.fetchRemotePeers(0))).toBe('configuration');
    expect(await a.fetchRemotePeers(200)).toMatchObject({ remotePeers: ['b'], peers: [{ gridId: undefined }] });
    const c = grid.member('c', { expectedPeers: 1 });
    await c.join();
    const { peers } = await a.fetchRemotePeers();
    expect(peers).toContainEqual(expect.objectContaining({ peerId: 'c', leaderId: 'c' }));
    const cut = code(a.fetchRemotePeers());
    await a.close();
    expect(await cut).toBe('closed');
    expect(await code(a.fetchRemotePeers())).toBe('closed');
  });

  it('tells its life by events', async () => {
    const [a, b] = grid.list(['a', 'b']);
    if (a === undefined || b === undefined) throw new Error('no members');
    const seen: unknown[] = [];
    for (const event of ['started', 'stopped', 'joined', 'left', 'close'] as const) a.on(event, () => seen.push(event));
    a.on('state-changed', (state, previous) => seen.push([state, previous]));
    a.on('remote-peer-joined', (peerId) => seen.push(`+${peerId}`));
    const leaders: unknown[] = [];
    a.on('leader-changed', (leaderId) => leaders.push(leaderId));
    await Promise.all([a.join(), b.join()]);
    expect(seen.slice(0, 2)).toEqual(['started', ['follower', 'empty']]);
    expect(seen).toContain('+b');
    expect(seen).toContain('joined');
    expect(leaders.length).toBeGreaterThan(0);
    const before = seen.length;
    const { state } = a;
    await a.close();
    expect(seen.slice(before).filter((event) => typeof event === 'string')).toEqual(['stopped', 'close']);
    expect(seen.findLast((event) => Array.isArray(event))).toEqual(['empty', expect.any(String)]);
    expect(state).not.toBe('empty');
  });

  it('tells what is applied, and takes entries of the application', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const { HamokMessage } = await import('../src/index.js');
    const told = members.map((member) => {
      const texts: string[] = [];
      member.on('commit', (index, message) => {
        expect(index).toBeGreaterThanOrEqual(0);
        if (message.storageId !== undefined) texts.push(message.storageId);
      });
      return texts;
    });
    for (const [i, member] of members.entries())
      await member.submit(new HamokMessage({ type: 1, storageId: `from ${i}` }));
    await grid.settled();
    expect(told).toEqual(members.map(() => ['from 0', 'from 1', 'from 2']));
  });

  it('goes on when an entry that came from outside cannot be told of', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    for (const member of members) member.on('commit', () => {});
    // A type, and a number above 2^53.
    const broken = Uint8Array.from([16, 1, 160, 1, 255, 255, 255, 255, 255, 255, 255, 127]);
    await members[0]?.raft?.submit(broken);
    await grid.settled();
    expect(grid.errors.map((error) => Reflect.get(error, 'code'))).toEqual(members.map(() => 'bad-message'));
    await members[0]?.createMap({ mapId: 'm' }).set('k', 1);
  });

  it('never leads where it only follows, and the others lose nothing by it', async () => {
    const ids = ['a', 'b', 'c'];
    const members = ids.map((id) => grid.member(id, { peers: ids, onlyFollower: id !== 'c' }));
    await Promise.all(members.map((member) => member.join()));
    expect((await grid.leader()).localPeerId).toBe('c');
  });

  it('ends also when its transport cannot be closed', async () => {
    const transport = grid.network.transport();
    const failing = {
      peers: transport.peers,
      open: transport.open.bind(transport),
      send: transport.send.bind(transport),
      close: () => transport.close().then(() => Promise.reject(new Error('not closed'))),
    };
    const member = grid.member('a', { transport: failing, peers: ['a'] });
    await member.join();
    await member.close();
    expect(grid.errors.map(String)).toEqual(['Error: not closed']);
    expect([member.run, member.closed, grid.time.pending]).toEqual([false, true, 0]);
  });

  it('does nothing twice when it is started, stopped or closed twice', async () => {
    const [a] = grid.list(['a']);
    const events: string[] = [];
    for (const event of ['started', 'stopped', 'close'] as const) a?.on(event, () => events.push(event));
    await Promise.all([a?.start(), a?.start()]);
    await a?.join();
    await Promise.all([a?.stop(), a?.stop()]);
    await Promise.all([a?.close(), a?.close()]);
    expect(events).toEqual(['started', 'stopped', 'close']);
  });

  it('leaves no timer behind, and no connection', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const map = members[0]?.createMap({ mapId: 'm' });
    await map?.set('k', 1);
    await Promise.all(members.map((member) => member.close()));
    await grid.time.pass(10); // what the network still has under way
    expect(grid.time.pending).toBe(0);
    expect(map?.closed).toBe(true);
    expect(members.map(({ closed, run, state }) => [closed, run, state])).toEqual(
      members.map(() => [true, false, 'empty']),
    );
  });

  it('takes leave when it is closed, so that the others go on with fewer', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    await leader.close();
    const rest = members.filter((member) => member !== leader);
    await grid.time.until(() => rest.every(({ remotePeerIds }) => remotePeerIds.size === 1));
    const last = await grid.leader(rest);
    await other(rest, last).close();
    // Alone it still has a majority, of one.
    await last.createMap({ mapId: 'm' }).set('k', 1);
    expect(last.remotePeerIds.size).toBe(0);
  });

  it('does not leave when it is told not to', async () => {
    const members = await grid.joined(['a', 'b', 'c']);
    const leader = await grid.leader();
    await leader.close({ leave: false });
    const rest = members.filter((member) => member !== leader);
    await grid.leader(rest);
    expect(rest.map(({ remotePeerIds }) => remotePeerIds.size)).toEqual([2, 2]);
  });

  it('is closed by await using', async () => {
    const member = grid.member('a', { peers: ['a'] });
    {
      await using scoped = member;
      await scoped.join();
    }
    expect(member.closed).toBe(true);
  });

  it('can be closed before, and while, it starts', async () => {
    const before = grid.member('a');
    await before.close();
    const during = grid.member('b', { peers: ['b', 'c'] });
    const joining = code(during.join());
    await during.close();
    expect(await joining).toBe('closed');
    expect([before.closed, during.closed]).toEqual([true, true]);
    expect(grid.time.pending).toBe(0);
  });

  it('refuses every call after it was closed, by a typed error', async () => {
    const [a] = await grid.joined(['a']);
    if (a === undefined) throw new Error('no member');
    const map = a.createMap({ mapId: 'm' });
    await a.close();
    const { HamokMessage } = await import('../src/index.js');
    const calls = [
      a.start(),
      a.join(),
      a.waitUntilCommitHead(),
      a.waitUntilLeader(),
      a.submit(new HamokMessage({ type: 1 })),
      map.set('k', 1),
    ];
    expect(await Promise.all(calls.map(code))).toEqual(calls.map(() => 'closed'));
    expect(() => a.createMap({ mapId: 'n' })).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(await Promise.all([a.stop(), a.leave(), a.close()].map(code))).toEqual(['resolved', 'resolved', 'resolved']);
    a.addRemotePeerId('b');
    a.removeRemotePeerId('b');
  });

  it('comes back after a stop, as a new member with the state of the grid', async () => {
    const [a, b, c] = await grid.joined(['a', 'b', 'c']);
    if (a === undefined || b === undefined || c === undefined) throw new Error('no members');
    const map = a.createMap<string, number>({ mapId: 'm' });
    await map.set('k', 1);
    const member = a.raft?.member;
    await a.stop();
    expect([a.run, map.get('k')]).toEqual([false, 1]);
    await b.createMap<string, number>({ mapId: 'm' }).set('k', 2);
    await a.start();
    await a.ready;
    expect(map.get('k')).toBe(2);
    expect(a.raft?.member).not.toBe(member);
    expect(await map.set('k', 3)).toBe(2);
  });

  it('brings along what it holds where every member was stopped', async () => {
    const [a, b] = await grid.joined(['a', 'b']);
    const map = a?.createMap<string, number>({ mapId: 'm' });
    await map?.set('k', 1);
    await Promise.all([a?.stop({ leave: false }), b?.stop({ leave: false })]);
    expect(map?.get('k')).toBe(1);
    await Promise.all([a?.join(), b?.join()]);
    expect(map?.size).toBe(1);
    expect(await map?.insert('k', 2)).toBe(1);
  });

  it('keeps calls that are made while it is stopped for the time after', async () => {
    const [a] = await grid.joined(['a', 'b', 'c']);
    const map = a?.createMap<string, number>({ mapId: 'm' });
    await map?.set('k', 1);
    await a?.stop();
    const late = map?.set('k', 2);
    await a?.join();
    expect(await late).toBe(1);
    await a?.stop();
    expect(await code(map?.set('k', 3) ?? Promise.resolve())).toBe('not-committed');
  });

  it('cannot open a transport twice that was given as an object', async () => {
    const network = new MemoryNetwork({ clock: grid.time });
    const member = grid.member('a', { transport: network.transport(), peers: ['a'] });
    await member.join();
    await member.stop();
    expect(await code(member.start())).toBe('configuration');
  });

  it('leaves, and says so', async () => {
    const [a, b, c] = await grid.joined(['a', 'b', 'c']);
    const events: string[] = [];
    a?.on('left', () => events.push('left'));
    await a?.leave();
    expect([events, a?.run, a?.closed]).toEqual([['left'], false, false]);
    await grid.time.until(() => b?.remotePeerIds.size === 1 && c?.remotePeerIds.size === 1);
    await a?.join();
    expect([...(a?.remotePeerIds ?? [])].sort()).toEqual(['b', 'c']);
  });

  it.each([{}, { leave: false }])('keeps no stop waiting for longer than that would itself: %j', async (options) => {
    const [a] = await grid.joined(['a', 'b', 'c'], { requestTimeoutInMs: 1000 });
    if (a === undefined) throw new Error('no member');
    grid.network.partition(['a']);
    const left = code(a.leave({ timeoutInMs: Number.POSITIVE_INFINITY }));
    let closed = false;
    await grid.time.pass(5000);
    expect(a.run).toBe(true);
    void a.close(options).then(() => {
      closed = true;
    });
    await grid.time.until(() => closed, 2500);
    expect(await left).toBe('unavailable');
  });

  it('leaves although a stop that does not is asked for meanwhile', async () => {
    const [a, b, c] = await grid.joined(['a', 'b', 'c']);
    const leaving = a?.leave({ timeoutInMs: Number.POSITIVE_INFINITY });
    await Promise.all([leaving, a?.stop({ leave: false })]);
    await grid.time.until(() => b?.remotePeerIds.size === 1 && c?.remotePeerIds.size === 1);
  });
});

describe('waiting', () => {
  it.each([undefined, 5000])(
    'lasts as long as the search for a grid before there is one (at most %s ms)',
    async (limit) => {
      const [a, b] = [grid.member('a'), grid.member('b')];
      const options = limit === undefined ? {} : { requestTimeoutInMs: limit };
      const remoteMap = memoryStorage<string, number>({ id: 'm' });
      const made = [
        a.createMap<string, number>({ mapId: 'map', ...options }).set('k', 1),
        a.createRemoteMap<string, number>({ mapId: 'remote', remoteMap, ...options }).set('k', 1),
        a.createEmitter({ emitterId: 'emitter', ...options }).publish('e'),
      ].map((call) => code(call));
      const limited = code(a.createQueue<number>({ queueId: 'queue' }).pop({ timeoutInMs: 5000 }));
      b.createRemoteMap<string, number>({ mapId: 'remote', remoteMap });
      await Promise.all([a.join(), b.join()]);
      expect(await Promise.all(made)).toEqual(['resolved', 'resolved', 'resolved']);
      expect(await limited).toBe('not-committed');
    },
  );

  it('for a leader ends when there is one, or the time is over', async () => {
    const [a, b] = grid.list(['a', 'b']);
    if (a === undefined || b === undefined) throw new Error('no members');
    await a.start();
    expect(await code(a.waitUntilLeader(100))).toBe('leader-timeout');
    const waiting = a.waitUntilLeader();
    await b.start();
    await waiting;
    expect(a.leaderId).toBeDefined();
    await a.waitUntilLeader(1);
  });

  it('to join ends when the time is over, and the member goes on trying', async () => {
    const [a, b] = grid.list(['a', 'b']);
    const began = grid.time.now();
    expect(await code(a?.join({ fetchRemotePeerTimeoutInMs: 200, maxRetry: 1 }) ?? Promise.resolve())).toBe(
      'join-timeout',
    );
    expect(grid.time.now() - began).toBeGreaterThanOrEqual(400 + 5000);
    await b?.join();
    await a?.join();
  });

  it('to join goes on without end where that is asked for', async () => {
    const [a, b] = grid.list(['a', 'b']);
    const joined = a?.join({ fetchRemotePeerTimeoutInMs: 10, maxRetry: -1 });
    await grid.time.pass(100_000);
    await b?.join();
    await joined;
  });

  it.each<[what: string, others: Record<string, Partial<HamokConfig>>, config: Partial<HamokConfig>, says: RegExp]>([
    ['nobody is there', {}, {}, /: nobody else was found$/],
    ['no grid is there', {}, { bootstrap: false }, /: no grid was found$/],
    ['some of the list are missing', { b: {} }, { peers: ['a', 'b', 'c', 'd'] }, /: c, d were not found$/],
    ['the number is not reached', { b: {} }, { expectedPeers: 3 }, /: 2 of 3 members were found \(a, b\)$/],
    ['who is listed only joins', { b: { bootstrap: false } }, { peers: ['a', 'b'] }, /: b only joins grids$/],
    ['others have other lists', { b: { peers: ['b', 'a', 'c'] } }, { peers: ['a', 'b'] }, /: b expects other members$/],
    ['others have other numbers', { b: { expectedPeers: 3 } }, { expectedPeers: 2 }, /: b expects other members$/],
  ])('to join tells at its end that %s', async (_what, others, config, says) => {
    const member = grid.member('a', config);
    for (const [id, otherConfig] of Object.entries(others))
      await grid.member(id, { ...config, ...otherConfig }).start();
    const failure = member.join({ fetchRemotePeerTimeoutInMs: 1000, maxRetry: 0 });
    await expect(failure).rejects.toMatchObject({ code: 'join-timeout', message: expect.stringMatching(says) });
  });

  it('to join tells at its end that the grid has no majority to let it in', async () => {
    const peers = ['a', 'b', 'c'];
    const [, b, c] = await grid.joined(peers);
    for (const each of [b, c]) if (each !== undefined) await grid.kill(each);
    const failure = grid.member('b', { peers }).join({ fetchRemotePeerTimeoutInMs: 1000, maxRetry: 0 });
    const message = expect.stringMatching(/: a grid was found, which has not let it in$/);
    await expect(failure).rejects.toMatchObject({ code: 'join-timeout', message });
  });

  it('to join ends when it is aborted', async () => {
    const [a] = grid.list(['a', 'b']);
    const reason = new Error('enough');
    const abort = new AbortController();
    const joined = a?.join({ signal: abort.signal });
    abort.abort(reason);
    await expect(joined).rejects.toMatchObject({ code: 'aborted', cause: reason });
    await expect(a?.join({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('to join ends when the member is stopped', async () => {
    const [a] = grid.list(['a', 'b']);
    const joined = code(a?.join({ maxRetry: -1 }) ?? Promise.resolve());
    await a?.stop();
    expect(await joined).toBe('closed');
  });

  it('to join ends at once when the transport finds the id taken', async () => {
    const [a] = await grid.joined(['a']);
    const began = grid.time.now();
    await expect(grid.member('a').join()).rejects.toMatchObject({
      code: 'duplicate-member',
      cause: { code: 'duplicate-peer' },
    });
    expect(grid.time.now()).toBe(began);
    expect(a?.leader).toBe(true);
  });

  it.each([
    ['the id that is taken', 'a', 'duplicate-member', 'takes part as a'],
    ['that others share an id', 'x', 'join-timeout', 'two use the id x'],
  ])('to join tells at its end %s', async (_what, peerId, expected, message) => {
    const transport = grid.network.transport();
    const open = transport.open.bind(transport);
    transport.open = async (local, receiver) => {
      await open(local, receiver);
      receiver.error(Object.assign(new Error(`two use the id ${peerId}`), { code: 'duplicate-peer', peerId }));
    };
    const member = grid.member('a', { peers: ['a', 'b'], transport });
    const failure = member.join({ fetchRemotePeerTimeoutInMs: 10, maxRetry: 0 });
    await expect(failure).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(message),
      cause: { code: 'duplicate-peer' },
    });
    grid.errors.length = 0;
  });

  it.each([{ fetchRemotePeerTimeoutInMs: 0 }, { fetchRemotePeerTimeoutInMs: -5 }, { maxRetry: -2 }, { maxRetry: 0.5 }])(
    'to join refuses %j',
    async (params) => {
      const [a] = grid.list(['a']);
      await expect(a?.join(params)).rejects.toMatchObject({ code: 'configuration', field: Object.keys(params)[0] });
      expect(a?.run).toBe(false);
    },
  );

  it.each([
    ['timeoutInMs', Number.NaN],
    ['timeoutInMs', -1],
    ['timeoutInMs', '5'],
    ['signal', {}],
  ])('refuses %s %j', async (field, value) => {
    const [a] = await grid.joined(['a']);
    const wait = JSON.parse('{}');
    wait[field] = value;
    const calls = [a?.leave(wait), a?.waitUntilCommitHead(wait)];
    calls.push(field === 'signal' ? a?.join(wait) : a?.waitUntilLeader(wait[field]));
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(ConfigurationError);
    for (const call of calls) await expect(call).rejects.toMatchObject({ field });
  });

  it('for a leader without a limit sets no timer', async () => {
    const waiting = code(grid.member('a').waitUntilLeader(Number.POSITIVE_INFINITY));
    expect(grid.time.pending).toBe(0);
    await grid.close();
    expect(await waiting).toBe('closed');
  });

  it('tells by one class that nobody confirmed', async () => {
    const [a, b] = await grid.joined(['a', 'b']);
    if (a === undefined || b === undefined) throw new Error('no members');
    const map = a.createMap({ mapId: 'm' });
    await map.set('k', 1);
    expect(() => a.recover()).toThrow(UnavailableError);
    await grid.kill(b);
    await expect(map.read('k', { timeoutInMs: 10 })).rejects.toBeInstanceOf(UnavailableError);
    await expect(a.waitUntilCommitHead({ timeoutInMs: 10 })).rejects.toBeInstanceOf(UnavailableError);
    await expect(a.leave({ timeoutInMs: 10 })).rejects.toBeInstanceOf(UnavailableError);
  });

  it('refuses ids and parameters that are none', async () => {
    const [a] = grid.list(['a']);
    const nothing = JSON.parse('null');
    await expect(a?.join(nothing)).rejects.toMatchObject({ code: 'configuration', field: 'params' });
    for (const id of ['', nothing, JSON.parse('5')])
      expect(() => a?.addRemotePeerId(id)).toThrow(expect.objectContaining({ field: 'peerId' }));
  });

  it('for ready never rejects unhandled', async () => {
    const [a] = grid.list(['a', 'b']);
    const ready = a?.ready;
    await a?.close();
    await expect(ready).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('listeners', () => {
  it('may throw without harm', async () => {
    const members = grid.list(['a', 'b', 'c']);
    for (const member of members) {
      for (const event of ['leader', 'follower', 'leader-changed', 'state-changed', 'commit', 'joined'] as const)
        member.on(event, () => {
          throw new Error(event);
        });
    }
    await Promise.all(members.map((member) => member.join()));
    await members[0]?.createMap({ mapId: 'm' }).set('k', 1);
    await grid.settled();
    const causes = new Set(grid.errors.map(({ cause }) => (cause instanceof Error ? cause.message : '')));
    expect([...causes].sort()).toEqual(['commit', 'follower', 'joined', 'leader', 'leader-changed', 'state-changed']);
    expect(new Set(grid.errors.map((error) => Reflect.get(error, 'code')))).toEqual(new Set(['listener']));
    grid.errors.length = 0;
  });

  it('of signals may throw where a timer ends a wait, and the process goes on', async () => {
    const member = grid.member('a', { peers: ['a'] });
    await member.join();
    const { signal } = new AbortController();
    signal.removeEventListener = () => {
      throw new Error('from a signal');
    };
    const late = member.createQueue<string>({ queueId: 'q' }).pop({ wait: true, timeoutInMs: 100, signal });
    late.catch(() => undefined);
    await grid.time.pass(200);
    expect(grid.errors.map(({ message }) => message)).toContain('from a signal');
    await member.createMap<string, number>({ mapId: 'm' }).set('x', 1);
  });

  it('of errors may throw too, and need not be there', async () => {
    const logged: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (text: string) => void logged.push(text) };
    const member = new Hamok({ peerId: 'a', peers: ['a'], clock: grid.time, random: grid.random, logger });
    member.on('started', () => {
      throw new Error('in a listener');
    });
    await member.start();
    member.on('error', () => {
      throw new Error('again');
    });
    member.accept(new Uint8Array(17 * 1024 * 1024));
    expect(logged).toEqual([expect.stringContaining('again')]);
    expect(member.setMaxListeners(100).getMaxListeners()).toBe(Number.POSITIVE_INFINITY);
    await member.close();
  });
});
