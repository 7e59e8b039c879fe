import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { AddressInUseError, HandshakeError, ListenError } from '../errors.js';
import { formatAddress, type TcpAddress } from './address.js';
import type { ResolvedOptions } from './options.js';

export interface ListenerOwner {
  readonly options: ResolvedOptions;
  track(socket: Socket): void;
  /** A connected socket, TLS done. */
  accepted(socket: Socket, address: string): void;
  report(error: Error): void;
}

const remoteOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string =>
  formatAddress({ host: remoteAddress, port: remotePort });

/** Takes connections, and bounds those that have not shown to be a member's. */
export class Listener {
  readonly #owner: ListenerOwner;
  readonly #server: Server;
  /** By remote address, the oldest first. A TLS socket takes the place of the bare one below it. */
  readonly #pending = new Map<string, Socket>();
  #listening: Promise<void> | undefined;

  constructor(owner: ListenerOwner) {
    this.#owner = owner;
    const { tls, handshakeTimeoutInMs: handshakeTimeout } = owner.options;
    const allowHalfOpen = true;
    if (tls === undefined) {
      this.#server = createServer({ allowHalfOpen }, (socket) => {
        if (this.#admit(socket)) owner.accepted(socket, remoteOf(socket));
      });
      return;
    }
    const server = createTlsServer({
      ...tls.credentials,
      allowHalfOpen,
      handshakeTimeout,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('secureConnection', (socket) => {
      const address = remoteOf(socket);
      owner.track(socket);
      this.#pending.set(address, socket);
      owner.accepted(socket, address);
    });
    server.on('tlsClientError', (cause, socket) => {
      const address = remoteOf(socket);
      // One that gave up or was evicted is no news; one that spoke something else, or shows a bad certificate, is.
      const gaveUp = 'code' in cause && cause.code === 'ECONNRESET' && !socket.authorizationError;
      if (!gaveUp) owner.report(new HandshakeError('tls', address, { cause }));
      socket.destroy();
    });
    this.#server = server;
  }

  get address(): TcpAddress | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port };
  }

  /** @throws {AddressInUseError | ListenError} */
  listen(): Promise<void> {
    this.#listening = this.#listen();
    return this.#listening;
  }

  /** The connection from there has finished its handshake. */
  settled(address: string): void {
    this.#pending.delete(address);
  }

  /** Resolves when the port is free and every accepted socket has closed. */
  async close(): Promise<void> {
    // A server that is told to close while it looks up its address would listen nevertheless.
    await this.#listening?.catch(() => undefined);
    for (const socket of this.#pending.values()) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #listen(): Promise<void> {
    const { host, port } = this.#owner.options;
    const address = formatAddress({ host, port });
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        const taken = 'code' in error && error.code === 'EADDRINUSE';
        reject(taken ? new AddressInUseError(address, error) : new ListenError(address, error));
      };
      this.#server.once('error', failed);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => this.#owner.report(new ListenError(address, error)));
        resolve();
      });
    });
  }

  #admit(socket: Socket): boolean {
    this.#owner.track(socket);
    if (socket.remotePort === undefined) {
      socket.destroy();
      return false;
    }
    const address = remoteOf(socket);
    this.#pending.set(address, socket);
    socket.once('close', () => this.#pending.delete(address));
    const [oldest] = this.#pending;
    if (oldest !== undefined && this.#pending.size > this.#owner.options.maxPendingConnections) {
      this.#pending.delete(oldest[0]);
      oldest[1].destroy();
    }
    return true;
  }
}
