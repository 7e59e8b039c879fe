import { connect, type Socket } from 'node:net';
import { AddressInUseError } from '@hamok/transport';
import { tcp } from '@hamok/transport/tcp';
import { describe, expect, it } from 'vitest';
import { Recorder } from '../recorder.js';
import { addressOf, connected, open } from './members.js';
import { rawServer } from './raw.js';

const numbered = (number: number) => Uint8Array.of(number >> 8, number & 255);

describe('TCP members', () => {
  it('connect wherever only one of the two listens or dials', async () => {
    const a = await open('a');
    const b = await open('b', { listen: false, peers: [addressOf(a)] });
    await connected(a, 'b');
    expect(b.transport.address).toBeUndefined();
    expect(a.transport.send(numbered(1), 'b')).toBe(true);
    await b.until(() => b.frames.length === 1);
  });

  it('recognise their own address among the peers, quietly', async () => {
    const first = await open('a');
    const { port } = addressOf(first);
    await first.transport.close();
    const a = await open('a', { port, peers: [`127.0.0.1:${port}`, `localhost:${port}`] });
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    b.transport.send(numbered(1));
    await a.until(() => a.frames.length === 1);
    expect([...a.transport.peers]).toEqual(['b']);
    expect(a.errors).toEqual([]);
  });

  it('settle on one connection and lose nothing when they dial each other at once, by several addresses', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = await Promise.all([open('a'), open('b')]);
      const { port } = addressOf(b);
      a.transport.addPeer(`127.0.0.1:${port}`);
      b.transport.addPeer(addressOf(a));
      a.transport.addPeer(`localhost:${port}`);
      await Promise.all([connected(a, 'b'), connected(b, 'a')]);
      for (let number = 0; number < 200; number += 1) {
        expect(a.transport.send(numbered(number), 'b')).toBe(true);
        expect(b.transport.send(numbered(number), 'a')).toBe(true);
        if (number % 40 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all([a, b].map((member) => member.until(() => member.frames.length === 200)));
      for (const member of [a, b]) {
        expect(member.events.filter((event) => event !== 'frame' && event !== 'error')).toHaveLength(1);
      }
      await Promise.all([a.transport.close(), b.transport.close()]);
    }
  });

  it('dial until the peer is there, tell of the failure once, and dial again when it was lost', async () => {
    const early = await open('b');
    const { port } = addressOf(early);
    await early.transport.close();
    const a = await open('a', { peers: [{ host: '127.0.0.1', port }] });
    const failure = await a.untilError('connect-failed');
    expect(failure).toMatchObject({ address: `127.0.0.1:${port}` });
    for (let incarnation = 1; incarnation <= 3; incarnation += 1) {
      const b = await open('b', { port });
      await connected(a, 'b');
      await b.transport.close();
      await a.until(() => !a.transport.peers.has('b'));
    }
    expect(a.events.filter((event) => event !== 'error')).toEqual(['+b', '-b', '+b', '-b', '+b', '-b']);
    expect(a.errors.length).toBeLessThanOrEqual(4);
  });

  it('dial the other addresses of a peer when the connection it was reached by is lost', async () => {
    const a = await open('a');
    const relayed: Socket[] = [];
    const relay = await rawServer(({ socket }) => {
      const onwards = connect(addressOf(a));
      relayed.push(socket, onwards);
      socket.pipe(onwards).pipe(socket);
    });
    const b = await open('b', { peers: [relay] });
    await Promise.all([connected(a, 'b'), connected(b, 'a')]);
    a.transport.addPeer(addressOf(b));
    b.transport.removePeer(relay);
    for (const socket of relayed) socket.destroy();
    await a.until(() => a.events.filter((event) => event !== 'error').join() === '+b,-b,+b');
    a.transport.send(numbered(3), 'b');
    await b.until(() => b.frames.length === 1);
  });

  it('are dialled no more once removed', async () => {
    let dials = 0;
    const server = await rawServer((peer) => {
      dials += 1;
      peer.socket.destroy();
    });
    const a = await open('a', { peers: [server] });
    await a.untilError('handshake-failed');
    a.transport.removePeer(server);
    const b = await open('b', { peers: [addressOf(a)] });
    await connected(b, 'a');
    const counted = dials;
    await b.transport.close();
    await a.until(() => a.events.at(-1) === '-b');
    expect(dials - counted).toBeLessThanOrEqual(1);
  });

  it('refuse to open on a port that is in use, and may try again', async () => {
    const a = await open('a');
    const second = tcp({ port: addressOf(a).port });
    await expect(Recorder.open(second, 'b')).rejects.toBeInstanceOf(AddressInUseError);
    await a.transport.close();
    await expect(Recorder.open(second, 'b')).resolves.toBeDefined();
    await second.close();
  });
});

describe('two live processes with one id', () => {
  it('are told of, and the first connection is kept', async () => {
    const first = await open('a');
    const b = await open('b', { peers: [addressOf(first)] });
    await connected(b, 'a');
    const second = await open('a', { peers: [addressOf(b), addressOf(first)] });
    for (const member of [b, second, first]) {
      expect(await member.untilError('duplicate-peer')).toMatchObject({ peerId: 'a' });
    }
    first.transport.send(numbered(1), 'b');
    await b.until(() => b.frames.length === 1);
    expect(b.events.filter((event) => event.startsWith('-'))).toEqual([]);
    expect([...second.transport.peers]).toEqual([]);
    await first.transport.close();
    await connected(second, 'b');
    expect(b.errors.filter((error) => 'code' in error && error.code === 'duplicate-peer')).toHaveLength(1);
  });
});
