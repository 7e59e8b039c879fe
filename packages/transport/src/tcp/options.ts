import { createSecureContext } from 'node:tls';
import { ConfigurationError } from '../errors.js';
import { isLoopback, parseAddress, type TcpAddress } from './address.js';

/** Mutual TLS: each end shows a certificate that `ca` signed. PEM. */
export interface TcpTlsOptions {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** The grid's own authority: whoever holds a certificate of it may join under any id. */
  readonly ca: string | Uint8Array;
  /** The name every member's certificate carries. Default: the host that is dialled, as usual in TLS. */
  readonly servername?: string;
}

export interface TcpOptions {
  /** Where to listen. Default 127.0.0.1. Anything but loopback wants `secret` or `tls`. */
  readonly host?: string;
  /** 0, the default, takes any free port; see `TcpTransport.address`. */
  readonly port?: number;
  /** Default true. A member that only dials is reached over the connections it made. */
  readonly listen?: boolean;
  /** Members to dial, 'host:port', '[ipv6]:port' or objects. One's own address may be among them. Default none. */
  readonly peers?: Iterable<string | TcpAddress>;
  /**
   * What all members know and nobody else does; use 32 random bytes or as good. Both ends prove that they know it, neither
   * sends it. It guards who connects; only TLS hides and protects what is said afterwards.
   */
  readonly secret?: string | Uint8Array;
  readonly tls?: TcpTlsOptions;
  /** A longer frame is refused by `send`, and costs a peer the connection. Default 16 MiB, at most 1 GiB. */
  readonly maxFrameBytes?: number;
  /** Per peer, what waits to be sent; beyond it `send` returns false. Default 32 MiB, at least `maxFrameBytes` + 4. */
  readonly maxQueuedBytes?: number;
  /** Incoming connections that have not finished the handshake; the oldest gives way. Default 64. */
  readonly maxPendingConnections?: number;
  /** For one attempt to connect, TLS included. Default 3000. */
  readonly connectTimeoutInMs?: number;
  /** From being connected to being accepted. Default 5000. */
  readonly handshakeTimeoutInMs?: number;
  /** How soon an existing connection has to answer when another one claims the same peer. Default 1000. */
  readonly pingTimeoutInMs?: number;
  /** A peer silent for this long is pinged, and dropped after as long again without an answer. 0: never. Default 5000. */
  readonly keepAliveInMs?: number;
  /** The wait before the first new attempt to connect; it doubles, with jitter, at each failure. Default 50. */
  readonly reconnectMinInMs?: number;
  /** Default 2000. */
  readonly reconnectMaxInMs?: number;
  /** How long `close` waits for what is queued to leave. Default 1000. */
  readonly closeTimeoutInMs?: number;
}

const DEFAULTS = {
  maxFrameBytes: 16 * 1024 * 1024,
  maxQueuedBytes: 32 * 1024 * 1024,
  maxPendingConnections: 64,
  connectTimeoutInMs: 3000,
  handshakeTimeoutInMs: 5000,
  pingTimeoutInMs: 1000,
  keepAliveInMs: 5000,
  reconnectMinInMs: 50,
  reconnectMaxInMs: 2000,
  closeTimeoutInMs: 1000,
};

const MAX_FRAME_BYTES = 1024 * 1024 * 1024;
const MAX_TIMER_MS = 2 ** 31 - 1;

const resolveNumbers = (options: TcpOptions): typeof DEFAULTS => {
  const numbers = { ...DEFAULTS };
  for (const field of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[field] ?? DEFAULTS[field];
    const least = field === 'keepAliveInMs' || field === 'reconnectMinInMs' || field === 'closeTimeoutInMs' ? 0 : 1;
    const most = field.endsWith('InMs') ? MAX_TIMER_MS : Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new ConfigurationError(field, `must be an integer from ${least} to ${most}`);
    }
    numbers[field] = value;
  }
  if (numbers.maxFrameBytes > MAX_FRAME_BYTES) throw new ConfigurationError('maxFrameBytes', 'must be at most 1 GiB');
  if (numbers.maxQueuedBytes < numbers.maxFrameBytes + 4) {
    throw new ConfigurationError('maxQueuedBytes', 'must hold a frame of maxFrameBytes and 4 bytes');
  }
  if (numbers.reconnectMaxInMs < numbers.reconnectMinInMs) {
    throw new ConfigurationError('reconnectMaxInMs', 'must be at least reconnectMinInMs');
  }
  if (numbers.pingTimeoutInMs >= numbers.handshakeTimeoutInMs) {
    throw new ConfigurationError('pingTimeoutInMs', 'must be below handshakeTimeoutInMs');
  }
  return numbers;
};

const isTextOrBytes = (value: unknown): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array;

const resolveSecret = (secret: string | Uint8Array | undefined): Uint8Array | undefined => {
  if (secret === undefined) return undefined;
  if (!isTextOrBytes(secret)) throw new ConfigurationError('secret', 'must be a string or bytes');
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret);
  if (bytes.length === 0) throw new ConfigurationError('secret', 'must not be empty');
  return bytes;
};

const resolveTls = (tls: TcpTlsOptions | undefined) => {
  if (tls === undefined) return undefined;
  if (typeof tls !== 'object' || tls === null) throw new ConfigurationError('tls', 'must be an object');
  for (const part of ['cert', 'key', 'ca'] as const) {
    if (!tls[part]) throw new ConfigurationError(`tls.${part}`, 'is required: members show each other certificates');
    if (!isTextOrBytes(tls[part])) throw new ConfigurationError(`tls.${part}`, 'must be a string or bytes');
  }
  const pem = (part: string | Uint8Array) => (typeof part === 'string' ? part : Buffer.from(part));
  const { servername } = tls;
  const credentials = { cert: pem(tls.cert), key: pem(tls.key), ca: pem(tls.ca), minVersion: 'TLSv1.3' } as const;
  try {
    createSecureContext(credentials);
  } catch (error) {
    throw new ConfigurationError('tls', `is not usable: ${error instanceof Error ? error.message : error}`);
  }
  return { credentials, servername };
};

const resolvePeers = (peers: Iterable<string | TcpAddress> = []): (string | TcpAddress)[] => {
  // A single address, which is iterable too, would be taken for many.
  if (typeof peers !== 'object' || peers === null || !(Symbol.iterator in peers)) {
    throw new ConfigurationError('peers', 'must be a list of addresses');
  }
  return [...peers];
};

/** Programs in JavaScript pass what the types do not allow. */
export const resolveOptions = (options: TcpOptions) => {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('options', 'must be an object');
  const { host = '127.0.0.1', port = 0, listen = true } = options;
  if (typeof host !== 'string' || host === '')
    throw new ConfigurationError('host', 'must be a host name or an address');
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new ConfigurationError('port', 'must be 0 to 65535');
  if (typeof listen !== 'boolean') throw new ConfigurationError('listen', 'must be true or false');
  const secret = resolveSecret(options.secret);
  const tls = resolveTls(options.tls);
  const guarded = secret !== undefined || tls !== undefined;
  const requireGuard = (field: string, name: string): void => {
    if (guarded || isLoopback(name)) return;
    throw new ConfigurationError(field, `${JSON.stringify(name)} is beyond loopback, which wants a secret or tls`);
  };
  if (listen) requireGuard('host', host);
  const parsePeer = (address: string | TcpAddress): TcpAddress => {
    const parsed = parseAddress(address, 'peers');
    requireGuard('peers', parsed.host);
    return parsed;
  };
  const peers = resolvePeers(options.peers).map(parsePeer);
  return { host, port, listen, secret, tls, peers, parsePeer, ...resolveNumbers(options) };
};

export type ResolvedOptions = ReturnType<typeof resolveOptions>;
