import { ConfigurationError } from '@hamok/transport';
import { type TcpOptions, tcp } from '@hamok/transport/tcp';
import { describe, expect, it } from 'vitest';
import { certificates } from './certificates.js';

const tls = { ...certificates.member, ca: certificates.ca };

describe('tcp options', () => {
  it.each<[TcpOptions, string]>([
    [{ host: '0.0.0.0' }, 'host'],
    [{ host: '::' }, 'host'],
    [{ host: '' }, 'host'],
    [{ host: '127.evil.example' }, 'host'],
    [{ peers: ['10.0.0.1:1000'] }, 'peers'],
    [{ peers: ['example.org:1000'], listen: false }, 'peers'],
    [{ peers: ['127.0.0.1'] }, 'peers'],
    [{ peers: ['127.0.0.1:0'] }, 'peers'],
    [{ peers: ['127.0.0.1:65536'] }, 'peers'],
    [{ peers: ['::1:1000'] }, 'peers'],
    [{ peers: [{ host: 'localhost', port: -1 }] }, 'peers'],
    [{ port: -1 }, 'port'],
    [{ port: 70000 }, 'port'],
    [{ secret: '' }, 'secret'],
    [{ tls: { ...tls, ca: '' } }, 'tls.ca'],
    [{ tls: { ...tls, key: 'no key' } }, 'tls'],
    [{ maxFrameBytes: 0 }, 'maxFrameBytes'],
    [{ maxFrameBytes: 2 ** 31, maxQueuedBytes: 2 ** 33 }, 'maxFrameBytes'],
    [{ maxQueuedBytes: 1000 }, 'maxQueuedBytes'],
    [{ connectTimeoutInMs: -1 }, 'connectTimeoutInMs'],
    [{ handshakeTimeoutInMs: Number.POSITIVE_INFINITY }, 'handshakeTimeoutInMs'],
    [{ keepAliveInMs: 0.5 }, 'keepAliveInMs'],
    [{ reconnectMinInMs: Number.NaN }, 'reconnectMinInMs'],
    [{ reconnectMinInMs: 100, reconnectMaxInMs: 99 }, 'reconnectMaxInMs'],
    [{ pingTimeoutInMs: 5000 }, 'pingTimeoutInMs'],
  ])('refuses %j, naming %s', (options, field) => {
    const refused = expect(() => tcp(options));
    refused.toThrowError(ConfigurationError);
    refused.toThrowError(expect.objectContaining({ code: 'configuration', field }));
  });

  it.each<[unknown, string]>([
    [null, 'options'],
    [5, 'options'],
    [{ peers: 5 }, 'peers'],
    [{ peers: '127.0.0.1:1000' }, 'peers'],
    [{ peers: null }, 'peers'],
    [{ peers: [null] }, 'peers'],
    [{ peers: [5] }, 'peers'],
    [{ secret: 5 }, 'secret'],
    [{ secret: null }, 'secret'],
    [{ listen: 'no' }, 'listen'],
    [{ tls: null }, 'tls'],
    [{ tls: { cert: 5, key: 5, ca: 5 } }, 'tls.cert'],
  ])('refuses %j of a program without types, naming %s', (options, field) => {
    expect(() => tcp(options as TcpOptions)).toThrowError(expect.objectContaining({ code: 'configuration', field }));
  });

  it.each<[TcpOptions]>([
    [{}],
    [{ host: 'localhost', peers: ['localhost:1', '127.8.8.8:2', '[::1]:3', { host: '::1', port: 4 }] }],
    [{ host: '0.0.0.0', peers: ['10.0.0.1:1000'], secret: 'secret' }],
    [{ host: '::', peers: ['[fe80::1]:1000'], tls }],
    [{ host: '0.0.0.0', listen: false }],
  ])('takes %j', (options) => {
    expect(tcp(options).address).toBeUndefined();
  });

  it('holds an address that is added later to the same rules', () => {
    expect(() => tcp().addPeer('10.0.0.1:1000')).toThrowError(ConfigurationError);
    expect(() => tcp({ secret: 'secret' }).addPeer('10.0.0.1:1000')).not.toThrow();
  });

  it('refuses names that no handshake could carry', async () => {
    const receiver = { frame() {}, connected() {}, disconnected() {}, error() {} };
    const opening = tcp().open({ id: 'a'.repeat(513), gridName: 'test' }, receiver);
    await expect(opening).rejects.toMatchObject({ code: 'configuration', field: 'id' });
  });
});
