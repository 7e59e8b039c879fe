import { describe, expect, it } from 'vitest';
import { encodeProof, prove } from '../../src/tcp/handshake.js';
import { certificates } from './certificates.js';
import { addressOf, connected, open } from './members.js';
import { RawPeer, rawServer } from './raw.js';

const tls = { ...certificates.member, ca: certificates.ca };

describe('members of different grids', () => {
  it('are both told, and do not connect', async () => {
    const a = await open('a', {}, 'one');
    const b = await open('b', { peers: [addressOf(a)] }, 'other');
    for (const member of [a, b]) {
      expect(await member.untilError('handshake-failed')).toMatchObject({ reason: 'grid-mismatch' });
      expect(member.transport.peers.size).toBe(0);
    }
  });
});

describe('a shared secret', () => {
  it.each([
    ['another secret', { secret: 'right' }, { secret: 'wrong' }],
    ['no secret', { secret: 'right' }, {}],
    ['a secret where none is wanted', {}, { secret: 'right' }],
  ])('keeps out who has %s, and both are told', async (_, ours, theirs) => {
    const a = await open('a', ours);
    const b = await open('b', { ...theirs, peers: [addressOf(a)] });
    for (const member of [a, b]) {
      expect(await member.untilError('handshake-failed')).toMatchObject({ reason: 'secret-mismatch' });
      expect(member.transport.peers.size).toBe(0);
    }
  });

  it('is proved anew each time: a proof that was overheard is worth nothing', async () => {
    const secret = 'right';
    const a = await open('a', { secret });
    let overheard: Uint8Array = new Uint8Array();
    let theirHello: Uint8Array = new Uint8Array();
    const eavesdropper = await rawServer(async (victim) => {
      const upstream = await RawPeer.dial(addressOf(a));
      theirHello = await victim.next();
      upstream.frame(theirHello);
      victim.frame(await upstream.next());
      overheard = await victim.next();
      upstream.frame(overheard);
      victim.frame(await upstream.next());
    });
    const b = await open('b', { secret, peers: [eavesdropper] });
    await connected(b, 'a');
    await connected(a, 'b');
    const replay = await RawPeer.dial(addressOf(a));
    replay.frame(theirHello);
    await replay.next();
    replay.frame(overheard);
    expect(await replay.nextMessage()).toEqual({ kind: 'reject', rejection: 'secret-mismatch' });
  });

  it('is not taken for known from who sends the own proof back', async () => {
    const secret = new TextEncoder().encode('right');
    const mirror = await rawServer(async (peer) => {
      const hello = await peer.next();
      peer.hello('mirror', 'm', 'test', true);
      const proof = await peer.next();
      peer.frame(encodeProof('accept', proof.subarray(1)));
      expect(hello.length).toBeGreaterThan(0);
    });
    const a = await open('a', { secret, peers: [mirror] });
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'secret-mismatch' });
    expect(a.transport.peers.size).toBe(0);
  });

  it('never travels', async () => {
    const secret = 'a secret that would be easy to see';
    const seen: Uint8Array[] = [];
    const server = await rawServer(async (peer) => {
      seen.push(await peer.next());
      peer.hello('x', 'i', 'test', true);
      seen.push(await peer.next());
      peer.socket.destroy();
    });
    const a = await open('a', { secret, peers: [server] });
    await a.untilError('handshake-failed');
    expect(Buffer.concat(seen).includes(secret)).toBe(false);
    expect(seen).toHaveLength(2);
  });

  it('proves one role and one pair of hellos', () => {
    const [secret, hello, other] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
    const proofs = [
      prove(secret, 'dialler', hello, other),
      prove(secret, 'acceptor', hello, other),
      prove(secret, 'dialler', other, hello),
      prove(other, 'dialler', hello, other),
      prove(secret, 'dialler', Uint8Array.of(2, 3), new Uint8Array()),
    ].map((proof) => Buffer.from(proof).toString('hex'));
    expect(new Set(proofs).size).toBe(proofs.length);
  });
});

describe('mutual TLS', () => {
  it('connects members whose certificates name the host, or the name that was agreed', async () => {
    const a = await open('a', { tls });
    const b = await open('b', { tls: { ...tls, servername: 'member.test' }, peers: [addressOf(a)] });
    await connected(b, 'a');
    expect([a.errors, b.errors]).toEqual([[], []]);
  });

  it('keeps out a certificate of another authority, whoever dials', async () => {
    const stranger = { ...certificates.stranger, ca: certificates.ca };
    const a = await open('a', { tls });
    const dialler = await open('x', { tls: stranger, peers: [addressOf(a)] });
    await dialler.untilError('handshake-failed');
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'tls' });
    const acceptor = await open('y', { tls: stranger });
    const b = await open('b', { tls, peers: [addressOf(acceptor)] });
    expect(await b.untilError('handshake-failed')).toMatchObject({ reason: 'tls' });
    for (const member of [a, b, dialler, acceptor]) expect(member.transport.peers.size).toBe(0);
  });

  it('keeps out a certificate with another name', async () => {
    const a = await open('a', { tls });
    const b = await open('b', { tls: { ...tls, servername: 'elsewhere.test' }, peers: [addressOf(a)] });
    expect(await b.untilError('handshake-failed')).toMatchObject({ reason: 'tls' });
  });

  it('keeps out who does not speak TLS, shows no certificate, or takes too long', async () => {
    const a = await open('a', { tls, handshakeTimeoutInMs: 100, pingTimeoutInMs: 10, maxPendingConnections: 2 });
    const plain = await RawPeer.dial(addressOf(a));
    plain.hello('b', 'i');
    await plain.closed;
    expect(await a.untilError('handshake-failed')).toMatchObject({ reason: 'tls' });
    const mute = await Promise.all([1, 2, 3].map(() => RawPeer.dial(addressOf(a))));
    await Promise.all(mute.map(({ closed }) => closed));
    const b = await open('b', { tls, peers: [addressOf(a)] });
    await connected(b, 'a');
  });
});
