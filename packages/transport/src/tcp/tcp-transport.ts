import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  AlreadyOpenError,
  ClosedError,
  ConfigurationError,
  ConnectionLostError,
  DuplicatePeerError,
  type PeerBusyError,
} from '../errors.js';
import { report } from '../report.js';
import type { Transport, TransportLocal, TransportReceiver } from '../transport.js';
import { formatAddress, type TcpAddress } from './address.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { Dialler, type DiallerOwner } from './dialler.js';
import { type Identity, MAX_NAME_BYTES, type Rejection } from './handshake.js';
import { Listener, type ListenerOwner } from './listener.js';
import type { ResolvedOptions } from './options.js';

export interface TcpTransport extends Transport {
  /** Where it listens, once open; undefined before, and with `listen: false`. */
  readonly address: TcpAddress | undefined;
  /**
   * Dials one more address from now on, before `open` too. One that is there already changes nothing.
   * @throws {ConfigurationError} for no address, or one beyond loopback without a secret or TLS.
   */
  addPeer(address: string | TcpAddress): void;
  /** Dials an address no more and ends the connection made by dialling it. The peer may still dial this member. */
  removePeer(address: string | TcpAddress): void;
}

/** The members of a grid as seen from one: at most one established connection to each. */
export class TcpMesh implements TcpTransport, ConnectionOwner, DiallerOwner, ListenerOwner {
  readonly options: ResolvedOptions;
  readonly #diallers = new Map<string, Dialler>();
  readonly #connections = new Map<string, Connection>();
  readonly #peers = new Set<string>();
  readonly #all = new Set<Connection>();
  readonly #sockets = new Set<Socket>();
  /** The instance that was last reported as using the id of a live peer. */
  readonly #duplicates = new Map<string, string>();
  #identity: Identity = { gridName: '', id: '', instance: randomBytes(16).toString('hex') };
  #receiver: TransportReceiver | undefined;
  #listener: Listener | undefined;
  #collected: Connection[] = [];
  #deferred: Error[] = [];
  #flush: NodeJS.Immediate | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #started = false;
  #closed = false;
  #closing: Promise<void> | undefined;
  #released: (() => void) | undefined;

  constructor(options: ResolvedOptions) {
    this.options = options;
    for (const peer of options.peers) this.addPeer(peer);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get maxFrameBytes(): number {
    return this.options.maxFrameBytes;
  }

  get peers(): ReadonlySet<string> {
    return this.#peers;
  }

  get address(): TcpAddress | undefined {
    return this.#listener?.address;
  }

  async open({ id, gridName }: TransportLocal, receiver: TransportReceiver): Promise<void> {
    if (this.#closed) throw new ClosedError();
    if (this.#receiver !== undefined) throw new AlreadyOpenError();
    for (const [field, name] of Object.entries({ id, gridName })) {
      if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
        throw new ConfigurationError(field, `must be at most ${MAX_NAME_BYTES} bytes of UTF-8`);
      }
    }
    this.#receiver = receiver;
    this.#identity = { ...this.#identity, id, gridName };
    if (this.options.listen) await this.#listen();
    if (this.#closed) throw new ClosedError();
    this.#started = true;
    const { keepAliveInMs } = this.options;
    if (keepAliveInMs > 0) this.#sweep = setInterval(() => this.#pingTheSilent(), keepAliveInMs);
    for (const dialler of this.#diallers.values()) dialler.dial();
  }

  send(frame: Uint8Array, to?: string): boolean {
    if (to !== undefined) return this.#connections.get(to)?.send(frame) ?? false;
    let sent = false;
    for (const connection of this.#connections.values()) sent = connection.send(frame) || sent;
    return sent;
  }

  addPeer(address: string | TcpAddress): void {
    const peer = this.options.parsePeer(address);
    const key = formatAddress(peer);
    if (this.#closed || this.#diallers.has(key)) return;
    const dialler = new Dialler(peer, this);
    this.#diallers.set(key, dialler);
    if (this.#started) dialler.dial();
  }

  removePeer(address: string | TcpAddress): void {
    const key = formatAddress(this.options.parsePeer(address));
    this.#diallers.get(key)?.stop();
    this.#diallers.delete(key);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#released?.();
    });
  }

  dialled(socket: Socket, address: string): Connection {
    return this.#connection(socket, 'dialler', address);
  }

  accepted(socket: Socket, address: string): void {
    this.#connection(socket, 'acceptor', address);
  }

  isConnected(peerId: string): boolean {
    return this.#connections.has(peerId);
  }

  report(error: Error): void {
    if (this.#receiver !== undefined && !this.#closed) report(this.#receiver, error);
  }

  admit(connection: Connection, decide: (rejection?: Rejection) => void): void {
    const { peer } = connection;
    if (peer === undefined || this.#closed) return;
    const incumbent = this.#connections.get(peer.id);
    const same = (incumbent?.peer ?? this.#identity).instance === peer.instance;
    if (peer.id === this.#identity.id) {
      // A dialler leaves it to the acceptor to refuse, so that both learn of it.
      if (same) decide('self');
      else decide(connection.role === 'acceptor' ? 'duplicate-peer' : undefined);
    } else if (
      incumbent === undefined ||
      (same && connection.role === 'acceptor' && this.#prefers(connection, incumbent))
    ) {
      decide();
    } else {
      // The new one may be right that the old one is dead: a peer restarts faster than a broken connection shows.
      incumbent.probe(this.options.pingTimeoutInMs, (alive) => {
        if (alive) return decide(same ? 'redundant' : 'duplicate-peer');
        if (this.#connections.get(peer.id) === incumbent) this.#drop(incumbent);
        this.admit(connection, decide);
      });
    }
  }

  established(connection: Connection): void {
    const { peer } = connection;
    if (peer === undefined) return;
    if (peer.id === this.#identity.id) return connection.destroy(new DuplicatePeerError(peer.id));
    if (connection.role === 'acceptor') this.#listener?.settled(connection.address);
    this.#diallerOf(connection)?.established();
    const incumbent = this.#connections.get(peer.id);
    if (incumbent === undefined) {
      this.#connections.set(peer.id, connection);
      this.#peers.add(peer.id);
      this.#tell((receiver) => receiver.connected(peer.id));
    } else if (incumbent.peer?.instance !== peer.instance) {
      connection.retire('ending');
    } else {
      const [winner, loser] = this.#prefers(connection, incumbent) ? [connection, incumbent] : [incumbent, connection];
      this.#connections.set(peer.id, winner);
      // Who dialled the winner knows that both ends have it: so it ends the loser, and nothing more is sent there.
      loser.retire(winner.role === 'dialler' ? 'ending' : 'waiting');
    }
  }

  frame(frame: Uint8Array): void {
    this.#tell((receiver) => receiver.frame(frame));
  }

  collected(connection: Connection): void {
    this.#collected.push(connection);
    this.#defer();
  }

  busy(error: PeerBusyError): void {
    this.#deferred.push(error);
    this.#defer();
  }

  closed(connection: Connection): void {
    this.#all.delete(connection);
    this.#forget(connection);
    const dialler = this.#diallerOf(connection);
    if (connection.failure instanceof DuplicatePeerError) this.#reportDuplicate(connection, connection.failure);
    else if (dialler === undefined && connection.failure !== undefined) this.report(connection.failure);
    dialler?.closed(connection);
  }

  #connection(socket: Socket, role: 'dialler' | 'acceptor', address: string): Connection {
    const connection = new Connection(socket, role, address, this);
    this.#all.add(connection);
    return connection;
  }

  /** Of two connections between the same two processes, both ends keep the one that the lower id dialled. */
  #prefers(connection: Connection, incumbent: Connection): boolean {
    const lower = this.#identity.id < (connection.peer?.id ?? '') ? 'dialler' : 'acceptor';
    return connection.role === lower && incumbent.role !== lower;
  }

  #drop(connection: Connection): void {
    connection.destroy(new ConnectionLostError(connection.peer?.id ?? '', 'it does not answer'));
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    const { peer } = connection;
    if (peer === undefined || this.#connections.get(peer.id) !== connection) return;
    this.#connections.delete(peer.id);
    this.#peers.delete(peer.id);
    this.#tell((receiver) => receiver.disconnected(peer.id));
    for (const dialler of this.#diallers.values()) dialler.peerLost(peer.id);
  }

  #reportDuplicate({ peer }: Connection, error: DuplicatePeerError): void {
    // A peer that refuses this member as the duplicate counts like the next one that does.
    const instance = error.peerId === this.#identity.id ? '' : (peer?.instance ?? '');
    if (this.#duplicates.get(error.peerId) === instance) return;
    this.#duplicates.set(error.peerId, instance);
    this.report(error);
  }

  #diallerOf(connection: Connection): Dialler | undefined {
    if (connection.role === 'acceptor') return undefined;
    for (const dialler of this.#diallers.values()) if (dialler.owns(connection)) return dialler;
    return undefined;
  }

  #tell(callback: (receiver: TransportReceiver) => void): void {
    const receiver = this.#receiver;
    if (receiver === undefined || this.#closed) return;
    try {
      callback(receiver);
    } catch (error) {
      report(receiver, error);
    }
  }

  /** Once a turn of the event loop, after its I/O: all that the turn sent leaves together. */
  #defer(): void {
    this.#flush ??= setImmediate(() => this.#flushAll());
  }

  #flushAll(): void {
    this.#flush = undefined;
    const collected = this.#collected;
    const deferred = this.#deferred;
    this.#collected = [];
    this.#deferred = [];
    for (const connection of collected) connection.flush();
    for (const error of deferred) this.report(error);
  }

  #pingTheSilent(): void {
    for (const connection of this.#connections.values()) {
      if (!connection.heard) {
        connection.probe(this.options.keepAliveInMs, (alive) => {
          if (!alive && this.#connections.get(connection.peer?.id ?? '') === connection) this.#drop(connection);
        });
      }
      connection.heard = false;
    }
  }

  async #listen(): Promise<void> {
    const listener = new Listener(this);
    this.#listener = listener;
    try {
      await listener.listen();
    } catch (error) {
      this.#listener = undefined;
      this.#receiver = undefined;
      throw error;
    }
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#sweep);
    clearImmediate(this.#flush);
    for (const dialler of this.#diallers.values()) dialler.stop();
    for (const connection of this.#all) connection.close();
    this.#connections.clear();
    this.#peers.clear();
    const released = new Promise<void>((resolve) => {
      if (this.#sockets.size === 0) resolve();
      else this.#released = resolve;
    });
    await this.#listener?.close();
    await released;
  }
}
