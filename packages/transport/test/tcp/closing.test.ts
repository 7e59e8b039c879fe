import { tcp } from '@hamok/transport/tcp';
import { describe, expect, it } from 'vitest';
import { Recorder } from '../recorder.js';
import { addressOf, connected, open } from './members.js';
import { RawPeer, rawServer } from './raw.js';

/** What Node.js waits for before it exits: open sockets, servers and timers. */
const held = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length;

describe('closing a TCP member', () => {
  it('releases every socket, server and timer', async () => {
    const before = held();
    const silence = await rawServer(({ socket }) => socket.on('end', () => socket.end()));
    const [a, b] = await Promise.all([open('a'), open('b')]);
    a.transport.addPeer(addressOf(b));
    b.transport.addPeer(addressOf(a));
    a.transport.addPeer('127.0.0.1:1');
    a.transport.addPeer(silence);
    await Promise.all([connected(a, 'b'), a.untilError('connect-failed')]);
    const mute = await RawPeer.dial(addressOf(a));
    expect(held()).toBeGreaterThan(before);
    await Promise.all([a.transport.close(), b.transport.close()]);
    await mute.closed;
    await new Promise((resolve) => silence.server.close(resolve));
    // libuv lets go of a handle at the end of the turn in which it was closed, after the immediates of that turn.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(held()).toBeLessThanOrEqual(before);
  });

  it('lets what was sent just before arrive', async () => {
    const a = await open('a');
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    for (let count = 0; count < 3000; count += 1) b.transport.send(new Uint8Array(500));
    b.transport.send(new Uint8Array(3_000_000));
    await b.transport.close();
    await a.until(() => a.events.includes('-b'));
    expect(a.frames).toHaveLength(3001);
    expect(a.frames.at(-1)).toHaveLength(3_000_000);
  });

  it('ends in time when a peer does not read', async () => {
    const a = await open('a', { closeTimeoutInMs: 30 });
    const deaf = await (await RawPeer.dial(addressOf(a))).join('deaf', 'd1');
    deaf.socket.pause();
    for (let count = 0; count < 3; count += 1) a.transport.send(new Uint8Array(10_000_000));
    await a.transport.close();
    expect(a.transport.peers.size).toBe(0);
  });

  it('works while it opens, while it dials and from within a callback', async () => {
    const opening = tcp();
    const opened = Recorder.open(opening, 'a');
    const closed = opening.close();
    await expect(opened).rejects.toMatchObject({ code: 'closed' });
    await closed;
    expect(opening.address).toBeUndefined();

    const silence = await rawServer(() => {});
    const dialling = await open('a', { peers: [silence] });
    await dialling.transport.close();

    const a = await open('a');
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    let closing: Promise<void> | undefined;
    a.frame = () => {
      closing = a.transport.close();
    };
    b.transport.send(Uint8Array.of(1));
    await b.until(() => b.events.includes('-a'));
    await closing;
    expect(a.events).toEqual(['+b']);
  });
});
