import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ConnectError, HandshakeError } from '../errors.js';
import { formatAddress, type TcpAddress } from './address.js';
import type { Connection } from './connection.js';
import type { ResolvedOptions } from './options.js';

export interface DiallerOwner {
  readonly options: ResolvedOptions;
  /** A socket that closing the transport has to wait for. */
  track(socket: Socket): void;
  dialled(socket: Socket, address: string): Connection;
  isConnected(peerId: string): boolean;
  report(error: Error): void;
}

/** Keeps one address connected: dials it, and again with growing waits, unless its peer is connected in another way. */
export class Dialler {
  readonly #address: TcpAddress;
  readonly #owner: DiallerOwner;
  #timer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #connection: Connection | undefined;
  #failures = 0;
  #reported: string | undefined;
  #establishedAt: number | undefined;
  /** The peer that is behind the address and connected otherwise. */
  #parkedFor: string | undefined;
  #stopped = false;

  constructor(address: TcpAddress, owner: DiallerOwner) {
    this.#address = address;
    this.#owner = owner;
  }

  dial(): void {
    const { connectTimeoutInMs } = this.#owner.options;
    const socket = this.#connect();
    this.#socket = socket;
    this.#owner.track(socket);
    this.#timer = setTimeout(() => socket.destroy(new Error('timed out')), connectTimeoutInMs);
    let reached = false;
    const failed = (error: Error) => this.#failed(error, reached);
    const closed = () => this.#retry();
    socket.once('connect', () => {
      reached = true;
    });
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once(this.#owner.options.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(this.#timer);
      socket.off('error', failed);
      socket.off('close', closed);
      this.#connection = this.#owner.dialled(socket, formatAddress(this.#address));
    });
  }

  owns(connection: Connection): boolean {
    return this.#connection === connection;
  }

  established(): void {
    this.#establishedAt = performance.now();
    this.#reported = undefined;
  }

  /** Its connection has closed. */
  closed(connection: Connection): void {
    this.#connection = undefined;
    const { peer, rejection, failure } = connection;
    const { reconnectMaxInMs } = this.#owner.options;
    // A connection that breaks at once, again and again, must not be made ever so often.
    if (this.#establishedAt !== undefined && performance.now() - this.#establishedAt > reconnectMaxInMs)
      this.#failures = 0;
    if (failure !== undefined && rejection !== 'duplicate-peer') {
      // Whoever is behind a connection that stood is told of each loss; of a handshake that fails, once.
      if (this.#establishedAt !== undefined) this.#owner.report(failure);
      else this.#report(failure, `${failure.name} ${rejection ?? failure.message}`);
    }
    this.#establishedAt = undefined;
    if (rejection === 'self' || this.#stopped) return;
    if (peer !== undefined && rejection !== 'duplicate-peer' && this.#owner.isConnected(peer.id))
      this.#parkedFor = peer.id;
    else this.#retry();
  }

  peerLost(peerId: string): void {
    if (this.#parkedFor !== peerId) return;
    this.#parkedFor = undefined;
    this.#failures = 0;
    this.#retry();
  }

  /** Lets what is queued on its connection leave, and dials no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#connection === undefined) this.#socket?.destroy();
    else this.#connection.close();
  }

  #connect(): Socket {
    const { tls } = this.#owner.options;
    const { host, port } = this.#address;
    // An end from there must not keep what is collected here from leaving: the connection answers it, not the socket.
    const allowHalfOpen = true;
    if (tls === undefined) return connect({ host, port, allowHalfOpen });
    const { credentials, servername } = tls;
    const secured = { host, port, allowHalfOpen, ...credentials };
    return connectTls(servername === undefined ? secured : { ...secured, servername });
  }

  #failed(cause: Error, reached: boolean): void {
    const address = formatAddress(this.#address);
    const error = reached ? new HandshakeError('tls', address, { cause }) : new ConnectError(address, cause);
    this.#report(error, `${error.name} ${cause.message}`);
  }

  #report(error: Error, failure: string): void {
    if (this.#stopped || this.#reported === failure) return;
    this.#reported = failure;
    this.#owner.report(error);
  }

  #retry(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { reconnectMinInMs, reconnectMaxInMs } = this.#owner.options;
    const delayInMs = Math.min(reconnectMaxInMs, reconnectMinInMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    this.#timer = setTimeout(() => this.dial(), delayInMs * (0.5 + Math.random() / 2));
  }
}
