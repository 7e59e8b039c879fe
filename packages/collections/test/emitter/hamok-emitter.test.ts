import { describe, expect, it, vi } from 'vitest';
import { DirectChannel } from '../../src/direct-channel.js';
import { deliveryQuestion } from '../../src/emitter/delivery-messages.js';
import { Collections, type HamokEmitter, SingleMemberEngine } from '../../src/index.js';
import { ManualClock, settle } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';

type Events = { greet: [name: string, times: number]; leave: []; odd: [value: unknown] };
type Meta = { role: string };

async function startEmitters(count: number, options: { requestTimeoutInMs?: number } = {}) {
  const grid = await startGrid(count);
  const make = (member: Collections) => member.createEmitter<Events, Meta>({ emitterId: 'e', ...options });
  const emitters = grid.members.map(make);
  await Promise.all(emitters.map(({ ready }) => ready));
  const emitter = (position: number): HamokEmitter<Events, Meta> => {
    const found = emitters[position];
    if (found === undefined) throw new Error(`no emitter ${position}`);
    return found;
  };
  return { ...grid, emitters, emitter };
}

describe('publish', () => {
  it('calls the listeners of every subscriber, and resolves with who they were', async () => {
    const { emitter } = await startEmitters(3);
    const heard: unknown[] = [];
    await emitter(0).subscribe('greet', (name, times) => void heard.push(['a', name, times]));
    await emitter(2).subscribe('greet', (name, times) => void heard.push(['c', name, times]));
    expect(await emitter(1).publish('greet', 'Ada', 2)).toEqual(['a', 'c']);
    expect(heard.toSorted()).toEqual([
      ['a', 'Ada', 2],
      ['c', 'Ada', 2],
    ]);
    expect(await emitter(1).publish('leave')).toEqual([]);
    expect(emitter(0).stats).toEqual({
      numberOfSubscriptions: 1,
      numberOfReceivedEventInvocations: 1,
      numberOfSentEventInvocations: 0,
    });
    expect(emitter(1).stats.numberOfSentEventInvocations).toBe(2);
  });

  it('does not wait for a member that leaves meanwhile', async () => {
    const { grid, emitter, clock } = await startEmitters(3);
    for (const position of [0, 1, 2]) await emitter(position).subscribe('leave', () => undefined);
    grid.member('c@1').paused = true;
    const published = emitter(0).publish('leave');
    await settle();
    grid.leave('c@1');
    await settle();
    expect(await published).toEqual(['a', 'b']);
    expect(emitter(0).subscriptions.getPeerIds('leave')).toEqual(new Set(['a', 'b']));
    for (const each of [emitter(0), emitter(1)]) each.close();
    expect(clock.now()).toBe(0);
  });

  it('leaves out who has not delivered in time', async () => {
    const { grid, emitter, clock } = await startEmitters(3, { requestTimeoutInMs: 1000 });
    const heard: string[] = [];
    for (const position of [0, 1, 2]) await emitter(position).subscribe('leave', () => void heard.push(`${position}`));
    grid.member('c@1').paused = true;
    const published = emitter(0).publish('leave');
    await clock.advance(1000);
    expect(await published).toEqual(['a', 'b']);
    grid.member('c@1').paused = false;
    grid.member('c@1').deliver();
    expect(heard.toSorted()).toEqual(['0', '1', '2']);
  });

  it('waits for a member that is slow, which has nothing to say before it has the event', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    await emitter(1).subscribe('leave', () => undefined);
    grid.member('b@1').paused = true;
    const published = emitter(0).publish('leave');
    await clock.advance(1000);
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await clock.advance(10);
    expect(await published).toEqual(['b']);
  });

  it('asks again where the answer was lost', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    await emitter(1).subscribe('leave', () => undefined);
    grid.copiesOfFrame = () => 0;
    const published = emitter(0).publish('leave');
    await clock.advance(10);
    grid.copiesOfFrame = () => 1;
    await clock.advance(1000);
    expect(await published).toEqual(['b']);
  });

  it('is not stopped by a transport that throws', async () => {
    const { grid, emitter, clock } = await startEmitters(2, { requestTimeoutInMs: 1000 });
    const heard: string[] = [];
    await emitter(1).subscribe('leave', () => void heard.push('b'));
    grid.copiesOfFrame = () => {
      throw new Error('no connection');
    };
    const published = emitter(0).publish('leave');
    await clock.advance(1000);
    expect([await published, heard, emitter(0).notify('leave')]).toEqual([[], ['b'], false]);
    expect(grid.member('b@1').failure).toBeUndefined();
  });

  it('learns from a member that shows the emitter no more that nobody was there', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    await emitter(1).subscribe('leave', () => undefined);
    grid.fate = (from) => (from === 'b@1' ? 'delay' : 'commit');
    emitter(1).close();
    const published = emitter(0).publish('leave');
    await clock.advance(400);
    expect(await published).toEqual([]);
    grid.fate = () => 'commit';
    grid.release();
    await clock.advance(1000);
    expect(emitter(0).subscriptions.hasEvent('leave')).toBe(false);
  });

  it('reports what a listener throws or rejects with, and what cannot be decoded, and goes on', async () => {
    const { emitter, errors, member } = await startEmitters(2);
    const heard: string[] = [];
    await emitter(1).subscribe('leave', () => {
      throw new Error('thrown');
    });
    await emitter(1).subscribe('leave', async () => Promise.reject(new Error('rejected')));
    await emitter(1).subscribe('leave', () => void heard.push('third'));
    expect(await emitter(0).publish('leave')).toEqual(['b']);
    await settle();
    expect(heard).toEqual(['third']);
    expect(errors.map(({ code, cause }) => [code, String(cause)])).toEqual([
      ['listener', 'Error: thrown'],
      ['listener', 'Error: rejected'],
    ]);
    const broken = {
      encode: () => '',
      decode: () => {
        throw new Error('broken');
      },
    };
    const options = { emitterId: 'f', payloadsCodec: new Map([['odd' as const, broken]]) };
    const f = [member(0), member(1)].map((each) => each.createEmitter<{ odd: [number] }>(options));
    await f[1]?.subscribe('odd', () => undefined);
    expect(await f[0]?.publish('odd', 1)).toEqual([]);
    expect(errors.at(-1)?.code).toBe('codec');
  });

  it('rejects what cannot be encoded, and what comes after the close', async () => {
    const { emitter } = await startEmitters(1);
    await expect(emitter(0).publish('odd', 1n)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    emitter(0).close();
    await expect(emitter(0).publish('leave')).rejects.toMatchObject({ code: 'closed' });
    await expect(emitter(0).subscribe('leave', () => undefined)).rejects.toMatchObject({ code: 'closed' });
    await expect(emitter(0).hasSubscribers('leave')).rejects.toMatchObject({ code: 'closed' });
    expect(emitter(0).notify('leave')).toBe(false);
  });
});

describe('subscriptions', () => {
  it('end with the last listener of the event, and only of that event', async () => {
    const { emitter } = await startEmitters(2);
    const heard: string[] = [];
    const first = () => void heard.push('first');
    const second = () => void heard.push('second');
    await emitter(0).subscribe('leave', first);
    await emitter(0).subscribe('leave', second);
    await emitter(0).subscribe('greet', () => undefined);
    await emitter(0).unsubscribe('leave', first);
    expect(await emitter(1).hasSubscribers('leave')).toBe(true);
    expect(await emitter(1).hasSubscribers('leave', true)).toBe(false);
    expect(await emitter(0).hasSubscribers('leave', true)).toBe(true);
    await emitter(1).publish('leave');
    await emitter(0).unsubscribe('leave', second);
    await emitter(0).unsubscribe('leave', second);
    expect(await emitter(1).hasSubscribers('leave')).toBe(false);
    expect(await emitter(1).hasSubscribers('greet')).toBe(true);
    expect(heard).toEqual(['second']);
  });

  it('are known to whoever asks after they were made, on any member', async () => {
    const { grid, emitter } = await startEmitters(2);
    grid.member('b@1').paused = true;
    await emitter(0).subscribe('leave', () => undefined);
    const asked = emitter(1).hasSubscribers('leave');
    expect(emitter(1).subscriptions.hasEvent('leave')).toBe(false);
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    expect(await asked).toBe(true);
  });

  it('are not made up where the grid does not answer', async () => {
    const engine = new SingleMemberEngine();
    const alone = new Collections(engine);
    await alone.start();
    const emitter = alone.createEmitter<Events>({ emitterId: 'e' });
    await emitter.ready;
    await engine.stop();
    await expect(emitter.hasSubscribers('leave')).rejects.toMatchObject({ code: 'unavailable' });
    alone.close();
  });

  it('are seen with their metadata everywhere, and tell what changes', async () => {
    const { emitter, emitters } = await startEmitters(2);
    const seen = emitters.map(({ subscriptions }) => {
      const events: unknown[] = [];
      subscriptions.on('added', (...args) => events.push(['added', ...args]));
      subscriptions.on('updated', (...args) => events.push(['updated', ...args]));
      subscriptions.on('removed', (...args) => events.push(['removed', ...args]));
      return events;
    });
    const listener = () => undefined;
    await emitter(0).subscribe('leave', listener, { role: 'reader' });
    await emitter(1).subscribe('leave', listener);
    expect(await emitter(0).updateSubscriptionMetaData('leave', { role: 'writer' }, { role: 'other' })).toBe(false);
    expect(await emitter(0).updateSubscriptionMetaData('leave', { role: 'writer' }, { role: 'reader' })).toBe(true);
    expect(await emitter(1).updateSubscriptionMetaData('greet', { role: 'writer' })).toBe(false);
    await settle();
    const { subscriptions } = emitter(1);
    expect([...subscriptions.entries()]).toEqual([
      [
        'leave',
        new Map([
          ['a', { role: 'writer' }],
          ['b', null],
        ]),
      ],
    ]);
    expect([...subscriptions.events()]).toEqual(['leave']);
    expect(subscriptions.getAllPeerIds()).toEqual(new Set(['a', 'b']));
    expect([subscriptions.hasPeerOnEvent('leave', 'a'), subscriptions.hasPeerOnEvent('greet', 'a')]).toEqual([
      true,
      false,
    ]);
    expect([subscriptions.size, emitter(1).empty]).toEqual([1, false]);
    await emitter(0).unsubscribe('leave', listener);
    await settle();
    const expected = [
      ['added', 'leave', 'a', { role: 'reader' }],
      ['added', 'leave', 'b', null],
      ['updated', 'leave', 'a', { role: 'writer' }, { role: 'reader' }],
      ['removed', 'leave', 'a', { role: 'writer' }],
    ];
    expect(seen).toEqual([expected, expected]);
  });

  it('can be changed for another member', async () => {
    const { emitter } = await startEmitters(2);
    const { subscriptions } = emitter(0);
    expect(await subscriptions.addPeer('leave', 'b', { role: 'guest' })).toBe(true);
    expect(await subscriptions.addPeer('leave', 'nobody')).toBe(false);
    expect(await subscriptions.updatePeer('leave', 'b', { role: 'host' }, null)).toBe(false);
    expect(await subscriptions.updatePeer('leave', 'b', { role: 'host' })).toBe(true);
    expect(subscriptions.getEventPeersMap('leave')).toEqual(new Map([['b', { role: 'host' }]]));
    expect(await emitter(0).publish('leave')).toEqual([]);
    expect(await subscriptions.removePeer('leave', 'a')).toBe(false);
    expect(await subscriptions.removePeer('leave', 'b')).toBe(true);
    await subscriptions.addPeer('greet', 'b');
    expect(await subscriptions.removePeerFromAllEvent('b')).toBe(true);
    expect(emitter(0).empty).toBe(true);
  });

  it('are taken back when the wait for them ended without an outcome', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    grid.holding = true;
    const heard: string[] = [];
    const subscribed = emitter(1).subscribe('leave', () => void heard.push('b'), null, { timeoutInMs: 100 });
    subscribed.catch(() => undefined);
    await clock.advance(100);
    await expect(subscribed).rejects.toMatchObject({ code: 'indeterminate' });
    grid.holding = false;
    grid.commit();
    await clock.advance(10_000);
    expect(await emitter(0).publish('leave')).toEqual([]);
    expect([heard, emitter(0).empty]).toEqual([[], true]);
  });

  it('come back with a member that returns as another incarnation, which is told what it missed', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    const heard: string[] = [];
    const missed: unknown[] = [];
    emitter(1).on('missed', (...args) => missed.push(args));
    await emitter(1).subscribe('greet', (name) => void heard.push(name), { role: 'guest' });
    await grid.reincarnate('b@1', 'b@2');
    await clock.advance(1000);
    expect([...emitter(0).subscriptions.getEventPeersMap('greet')]).toEqual([['b', { role: 'guest' }]]);
    expect(await emitter(0).publish('greet', 'again', 1)).toEqual(['b']);
    expect([heard, missed]).toEqual([['again'], [['greet', undefined]]]);
  });

  it('come back also with the incarnation after one that could not subscribe again', async () => {
    const { grid, emitter, clock, errors } = await startEmitters(2);
    await emitter(1).subscribe('greet', () => undefined);
    grid.fate = (from) => (from === 'b@2' ? 'refuse' : 'commit');
    await grid.reincarnate('b@1', 'b@2');
    await settle();
    // It learns of its removal by the state in which it is not there any more.
    grid.member('b@2').paused = true;
    await grid.reincarnate('b@2', 'b@3');
    grid.member('b@3').paused = false;
    grid.member('b@3').deliver();
    await clock.advance(1000);
    expect(await emitter(0).publish('greet', 'again', 1)).toEqual(['b']);
    expect(errors).toEqual([]);
  });

  it('of another incarnation bring nothing again that the one before was told, also where that applies it again', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    const heard: string[] = [];
    const missed: unknown[] = [];
    emitter(1).on('missed', (...args) => missed.push(args));
    await emitter(1).subscribe('greet', (name) => void heard.push(name));
    await emitter(0).publish('greet', 'before', 1);
    await grid.reincarnate('b@1', 'b@2', 'log');
    await clock.advance(1000);
    expect(await emitter(0).publish('greet', 'after', 1)).toEqual(['b']);
    expect([heard, missed]).toEqual([['before', 'after'], [['greet', undefined]]]);
  });

  it('tell a member that took over a snapshot how many events it missed', async () => {
    const { grid, emitter, clock } = await startEmitters(3);
    const heard: string[] = [];
    const missed: unknown[] = [];
    emitter(2).on('missed', (...args) => missed.push(args));
    await emitter(2).subscribe('greet', (name) => void heard.push(name));
    await emitter(2).subscribe('leave', () => undefined);
    await emitter(0).publish('greet', 'one', 1);
    grid.member('c@1').paused = true;
    const published = [emitter(0).publish('greet', 'two', 1), emitter(1).publish('greet', 'three', 1)];
    await settle();
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    await clock.advance(1000);
    expect(await Promise.all(published)).toEqual([[], []]);
    expect(await emitter(0).publish('greet', 'four', 1)).toEqual(['c']);
    expect([heard, missed]).toEqual([['one', 'four'], [['greet', 2]]]);
  });

  it('that begin behind a snapshot miss what came behind them, and nothing from before', async () => {
    const { grid, emitter, clock } = await startEmitters(3);
    const missed: unknown[] = [];
    emitter(2).on('missed', (...args) => missed.push(args));
    await emitter(1).subscribe('greet', () => undefined);
    for (const times of [1, 2, 3]) await emitter(0).publish('greet', 'before', times);
    grid.member('c@1').paused = true;
    const left = emitter(0).publish('greet', 'before', 4);
    await emitter(1).clear();
    const subscribed = emitter(2).subscribe('greet', () => undefined);
    await settle();
    const published = [1, 2].map((times) => emitter(0).publish('greet', 'behind', times));
    await settle();
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    await clock.advance(1000);
    await Promise.all([left, subscribed, ...published]);
    expect(missed).toEqual([['greet', 2]]);
  });

  it('that end and begin anew behind a snapshot tell that something may be missed', async () => {
    const { grid, emitter, clock } = await startEmitters(3);
    const missed: unknown[] = [];
    const listener = () => undefined;
    emitter(2).on('missed', (...args) => missed.push(args));
    await emitter(2).subscribe('greet', listener);
    for (const times of [1, 2, 3]) await emitter(0).publish('greet', 'before', times);
    grid.member('c@1').paused = true;
    const anew = [emitter(2).unsubscribe('greet', listener), emitter(2).subscribe('greet', listener)];
    await settle();
    const published = [1, 2].map((times) => emitter(0).publish('greet', 'behind', times));
    await settle();
    await grid.sendSnapshot('c@1');
    grid.member('c@1').paused = false;
    await clock.advance(1000);
    await Promise.all([...anew, ...published]);
    expect(missed).toEqual([['greet', undefined]]);
  });

  it('that come back behind a snapshot are told of what was missed since then alone', async () => {
    const { grid, emitter, clock } = await startEmitters(3);
    const missed: unknown[] = [];
    emitter(2).on('missed', (...args) => missed.push(args));
    for (const position of [1, 2]) await emitter(position).subscribe('greet', () => undefined);
    grid.fate = (from) => (from === 'c@2' ? 'delay' : 'commit');
    await grid.reincarnate('c@1', 'c@2');
    await settle();
    grid.member('c@2').paused = true;
    const published = [emitter(0).publish('greet', 'away', 1)];
    await settle();
    grid.release();
    await settle();
    expect(emitter(0).subscriptions.getPeerIds('greet')).toEqual(new Set(['b', 'c']));
    grid.fate = () => 'commit';
    published.push(emitter(0).publish('greet', 'back', 1));
    await settle();
    await grid.sendSnapshot('c@2');
    grid.member('c@2').paused = false;
    await clock.advance(1000);
    expect(await Promise.all(published)).toEqual([['b'], ['b']]);
    expect(missed).toEqual([
      ['greet', undefined],
      ['greet', 1],
    ]);
  });

  it('end with their last listener also where the one that was to follow could not be subscribed', async () => {
    const { emitter, clock } = await startEmitters(2);
    const first = () => undefined;
    await emitter(1).subscribe('leave', first);
    const aborted = emitter(1).subscribe('leave', () => undefined, null, { signal: AbortSignal.abort() });
    const unsubscribed = emitter(1).unsubscribe('leave', first);
    await expect(aborted).rejects.toMatchObject({ mayHaveHappened: false });
    await unsubscribed;
    await clock.advance(100);
    expect(emitter(0).empty).toBe(true);
  });

  it('do not come back with a member that ended them while it was away', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    await emitter(1).subscribe('greet', () => undefined);
    grid.fate = (from) => (from === 'b@2' ? 'lose' : 'commit');
    await grid.reincarnate('b@1', 'b@2');
    await settle();
    const cleared = emitter(1).clear();
    await grid.reincarnate('b@2', 'b@3');
    await clock.advance(1000);
    await expect(cleared).rejects.toMatchObject({ code: 'indeterminate' });
    expect(emitter(0).empty).toBe(true);
  });

  it('of another incarnation have delivered nothing that the one before did', async () => {
    const { grid, emitter, clock } = await startEmitters(2);
    await emitter(1).subscribe('greet', () => undefined);
    expect(await emitter(0).publish('greet', 'before', 1)).toEqual(['b']);
    const index = grid.commitIndex;
    const answers: boolean[] = [];
    await grid.reincarnate('b@1', 'b@2');
    await clock.advance(1000);
    const channel = new DirectChannel(grid.member('a@1'), 1000, () => undefined);
    channel.listen('e', (_, { success }) => void answers.push(success === true));
    vi.spyOn(grid.member('a@1'), 'receive').mockImplementation((from, frame) => channel.receive(from, frame));
    channel.send('b@2', deliveryQuestion('e', '1', index));
    await settle();
    expect(answers).toEqual([false]);
  });

  it('end with clear, and with close, but not those of others', async () => {
    const { emitter, member, clock } = await startEmitters(2);
    for (const position of [0, 1]) await emitter(position).subscribe('leave', () => undefined);
    await emitter(0).clear();
    expect(emitter(0).subscriptions.getPeerIds('leave')).toEqual(new Set(['b']));
    let closed = 0;
    emitter(1).on('close', () => closed++);
    emitter(1).close();
    emitter(1).close();
    await clock.advance(100);
    expect([emitter(0).empty, emitter(1).closed, closed]).toEqual([true, true, 1]);
    const again = member(1).createEmitter<Events>({ emitterId: 'e' });
    await again.subscribe('leave', () => undefined);
    expect(await emitter(0).publish('leave')).toEqual(['b']);
  });

  it('are exported by the ids of their members, and imported for those that are there', async () => {
    const { emitter } = await startEmitters(2);
    await emitter(0).subscribe('leave', () => undefined, { role: 'reader' });
    expect(emitter(0).export()).toEqual({
      emitterId: 'e',
      subscriptions: [{ event: 'leave', subscribers: [{ peerId: 'a', metaData: { role: 'reader' } }] }],
    });
    const snapshot = JSON.parse(
      '{"emitterId":"x","subscriptions":[{"event":"leave","subscribers":[{"peerId":"a","metaData":null},{"peerId":"b","metaData":{"role":"old"}},{"peerId":"gone","metaData":null}]}]}',
    );
    await emitter(0).import(snapshot);
    expect(emitter(0).subscriptions.getEventPeersMap('leave')).toEqual(
      new Map([
        ['a', { role: 'reader' }],
        ['b', { role: 'old' }],
      ]),
    );
    expect(await emitter(0).cleanup()).toBeUndefined();
    for (const wrong of [{}, { subscriptions: [1] }, { subscriptions: [{ event: 1, subscribers: [{ peerId: 'a' }] }] }])
      await expect(emitter(0).import(wrong as never)).rejects.toMatchObject({ code: 'bad-snapshot' });
  });

  it('are imported in time, or not at all where no grid is found', async () => {
    const clock = new ManualClock();
    const alone = new Collections(new SingleMemberEngine(), { clock, requestTimeoutInMs: 1000 });
    const emitter = alone.createEmitter<Events>({ emitterId: 'e' });
    const refused = (importing: Promise<void>) =>
      expect(importing).rejects.toMatchObject({ code: 'not-committed', reason: 'no-session' });
    const snapshot = emitter.export();
    const both = [refused(emitter.import(snapshot)), refused(emitter.import(snapshot, { timeoutInMs: 50 }))];
    await clock.advance(1100);
    await Promise.all(both);
  });
});

describe('notify', () => {
  it('reaches the subscribers that are known here, without the log', async () => {
    const { grid, emitter } = await startEmitters(2);
    const heard: unknown[] = [];
    for (const position of [0, 1])
      await emitter(position).subscribe('greet', (...args) => void heard.push([position, ...args]));
    const entries = grid.log.length;
    expect(emitter(0).notify('greet', 'Ada', 1)).toBe(true);
    expect(heard).toEqual([[0, 'Ada', 1]]);
    await settle();
    expect(heard).toEqual([
      [0, 'Ada', 1],
      [1, 'Ada', 1],
    ]);
    expect([emitter(1).emit('leave'), grid.log.length]).toEqual([false, entries]);
  });

  it('takes hostile frames for nothing', async () => {
    const { grid, emitter, errors } = await startEmitters(2);
    await emitter(1).subscribe('greet', () => undefined);
    const frames = [[], [255], [8, 3, 16, 57, 42, 1, 101], [8, 3, 16, 58, 42, 1, 101], [8, 3, 16, 92, 42, 1, 101]];
    for (const frame of frames) grid.member('a@1').send('b@1', Uint8Array.from(frame));
    await settle();
    expect(await emitter(0).publish('greet', 'x', 1)).toEqual(['b']);
    expect(errors).toEqual([]);
  });
});
