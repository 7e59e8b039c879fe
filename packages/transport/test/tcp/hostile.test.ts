import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeHello, encodeProof } from '../../src/tcp/handshake.js';
import { addressOf, connected, open } from './members.js';
import { RawPeer, rawServer } from './raw.js';

const PING = Uint8Array.of(255, 255, 255, 1);

describe('a TCP member', () => {
  it('drops who sends random bytes, tells of it, and goes on', async () => {
    const a = await open('a');
    for (let round = 0; round < 20; round += 1) {
      const stranger = await RawPeer.dial(addressOf(a));
      stranger.socket.write(randomBytes(1 + round * 500));
      stranger.socket.end();
      await stranger.closed;
    }
    const web = await RawPeer.dial(addressOf(a));
    web.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await web.closed;
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'malformed' });
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
  });

  const hello = encodeHello({ gridName: 'test', id: 'x', instance: 'i' }, false);
  const json = (text: string) => new Uint8Array([...hello.subarray(0, 7), ...Buffer.from(text)]);
  it.each([
    ['an empty frame', new Uint8Array()],
    ['no JSON', json('{')],
    ['JSON of the wrong shape', json('[1]')],
    ['a name that is a number', json('{"gridName":"test","id":1,"instance":"i","secured":false}')],
    [
      'a name that is too long',
      json(JSON.stringify({ gridName: 'test', id: 'x'.repeat(600), instance: 'i', secured: false })),
    ],
    ['a proof before a hello', encodeProof('proof', new Uint8Array())],
    ['an acceptance it did not ask for', encodeProof('accept', new Uint8Array())],
    ['an unknown message', Uint8Array.of(99)],
  ])('refuses a handshake that begins with %s', async (_, frame) => {
    const a = await open('a');
    const stranger = await RawPeer.dial(addressOf(a));
    stranger.frame(frame);
    expect(await stranger.nextMessage()).toEqual({ kind: 'reject', rejection: 'malformed' });
    await stranger.closed;
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'malformed' });
    expect(a.events).toEqual(['error']);
  });

  it('refuses another version by name', async () => {
    const a = await open('a');
    const stranger = await RawPeer.dial(addressOf(a));
    stranger.frame(hello.with(6, 2));
    expect(await stranger.nextMessage()).toEqual({ kind: 'reject', rejection: 'version-mismatch' });
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'version-mismatch' });
  });

  it('gives a slow handshake so much time and no more', async () => {
    const a = await open('a', { handshakeTimeoutInMs: 50, pingTimeoutInMs: 20 });
    const mute = await RawPeer.dial(addressOf(a));
    const slow = await RawPeer.dial(addressOf(a));
    slow.socket.write(Uint8Array.of(0, 0));
    await Promise.all([mute.closed, slow.closed]);
    await a.until(() => a.errors.length === 2);
    expect(a.errors).toMatchObject([{ reason: 'timeout' }, { reason: 'timeout' }]);
  });

  it('bounds the connections that have not finished the handshake, and lets the oldest go', async () => {
    const a = await open('a', { maxPendingConnections: 3 });
    await open('b', { peers: [addressOf(a)] });
    await connected(a, 'b');
    const mute: RawPeer[] = [];
    for (let count = 0; count < 8; count += 1) mute.push(await RawPeer.dial(addressOf(a)));
    await Promise.all(mute.slice(0, 5).map(({ closed }) => closed));
    expect(mute.slice(5).map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
    const c = await open('c', { peers: [addressOf(a)] });
    await connected(c, 'a');
    expect([...a.transport.peers].sort()).toEqual(['b', 'c']);
  });

  it('drops a peer for an oversized frame, and only that peer', async () => {
    const a = await open('a', { maxFrameBytes: 1000 });
    await open('b', { peers: [addressOf(a)] });
    await connected(a, 'b');
    const rogue = await (await RawPeer.dial(addressOf(a))).join('rogue', 'r1');
    rogue.frame(new Uint8Array(1000));
    await a.until(() => a.frames.length === 1);
    rogue.socket.write(Uint8Array.of(0, 0, 3, 233));
    await rogue.closed;
    expect(await a.untilError('frame-too-large')).toMatchObject({ bytes: 1001, maxFrameBytes: 1000 });
    await a.until(() => a.events.includes('-rogue'));
    expect([...a.transport.peers]).toEqual(['b']);
  });

  it('drops a peer for a signal it does not know', async () => {
    const a = await open('a');
    const rogue = await (await RawPeer.dial(addressOf(a))).join('rogue', 'r1');
    rogue.socket.write(Uint8Array.of(255, 255, 255, 77));
    await rogue.closed;
    await a.untilError('protocol');
    expect(a.events).toContain('-rogue');
  });

  it('is told once when the queue to a peer that does not read is full, and again only after it was half empty', async () => {
    const a = await open('a', { maxFrameBytes: 64 * 1024, maxQueuedBytes: 256 * 1024, keepAliveInMs: 0 });
    const deaf = await (await RawPeer.dial(addressOf(a))).join('deaf', 'd1');
    deaf.socket.pause();
    const fill = async () => {
      const frame = new Uint8Array(64 * 1024);
      for (;;) {
        for (let count = 0; count < 10; count += 1) if (!a.transport.send(frame, 'deaf')) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await fill();
    expect(a.transport.send(new Uint8Array(64 * 1024), 'deaf')).toBe(false);
    expect(a.errors).toEqual([]);
    expect(await a.untilError('busy')).toMatchObject({ peerId: 'deaf' });
    expect(a.errors).toHaveLength(1);
    deaf.socket.resume();
    await new Promise<void>((resolve) => {
      const look = () => (a.transport.send(new Uint8Array(64 * 1024), 'deaf') ? resolve() : setImmediate(look));
      look();
    });
    deaf.socket.pause();
    await fill();
    await a.until(() => a.errors.length === 2);
  });

  it('lets a peer go that neither reads nor answers', async () => {
    const a = await open('a', { keepAliveInMs: 30 });
    const mute = await (await RawPeer.dial(addressOf(a))).join('mute', 'm1');
    await a.until(() => a.events.includes('-mute'));
    expect(await a.untilError('connection-lost')).toMatchObject({ peerId: 'mute' });
    await mute.closed;
  });

  it('answers a ping, and keeps a silent peer that answers its own', async () => {
    const a = await open('a', { keepAliveInMs: 20 });
    const b = await open('b', { peers: [addressOf(a)], keepAliveInMs: 20 });
    const asker = await (await RawPeer.dial(addressOf(a))).join('asker', 'q1');
    asker.socket.write(PING);
    const pong = await new Promise<Buffer>((resolve) => {
      asker.socket.once('data', resolve);
    });
    expect([...pong.subarray(0, 3)]).toEqual([255, 255, 255]);
    await a.until(() => a.events.includes('-asker'));
    expect(b.events).toEqual(['+a']);
  });

  it('lets a restarted peer in at once past the half-dead connection of the former one', async () => {
    const a = await open('a', { pingTimeoutInMs: 30, keepAliveInMs: 0 });
    await (await RawPeer.dial(addressOf(a))).join('b', 'former');
    expect([...a.transport.peers]).toEqual(['b']);
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    expect(a.events.filter((event) => event !== 'error')).toEqual(['+b', '-b', '+b']);
    b.transport.send(Uint8Array.of(1));
    await a.until(() => a.frames.length === 1);
  });

  it('drops a server that answers with nonsense, and one that says nothing', async () => {
    const nonsense = await rawServer(({ socket }) => socket.write(randomBytes(5000)));
    const silence = await rawServer(() => {});
    const options = { handshakeTimeoutInMs: 50, pingTimeoutInMs: 10 };
    const [a, b] = await Promise.all([
      open('a', { ...options, peers: [nonsense] }),
      open('b', { ...options, peers: [silence] }),
    ]);
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'malformed' });
    expect(await b.untilError('handshake-failed')).toMatchObject({ reason: 'timeout' });
  });

  it('is not harmed by a receiver that throws', async () => {
    const a = await open('a');
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    const take = a.frame.bind(a);
    a.frame = (frame) => {
      take(frame);
      throw new Error('no');
    };
    b.transport.send(Uint8Array.of(1));
    b.transport.send(Uint8Array.of(2));
    await a.until(() => a.frames.length === 2 && a.errors.length === 2);
    expect(a.errors[0]?.message).toBe('no');
    expect([...a.transport.peers]).toEqual(['b']);
  });
});
