import type { Socket } from 'node:net';
import {
  ConnectionLostError,
  DuplicatePeerError,
  FrameTooLargeError,
  HandshakeError,
  PeerBusyError,
  ProtocolError,
} from '../errors.js';
import { FrameReader, SIGNALS } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import {
  decodeHandshake,
  encodeHello,
  encodeProof,
  encodeReject,
  type HandshakeMessage,
  type Identity,
  MAX_HANDSHAKE_BYTES,
  prove,
  type Rejection,
  sameProof,
} from './handshake.js';
import type { ResolvedOptions } from './options.js';

const PING = 1;
const PONG = 2;
/** A queue this long is beyond what kernels buffer, so that it shrinks only as the other end takes from it. */
const LONG_QUEUE_BYTES = 256 * 1024;

/** What a connection belongs to. */
export interface ConnectionOwner {
  readonly identity: Identity;
  readonly options: ResolvedOptions;
  /** The other end has said who it is, and proved it to an acceptor: may it connect? Answered once, at once or later. */
  admit(connection: Connection, decide: (rejection?: Rejection) => void): void;
  established(connection: Connection): void;
  frame(frame: Uint8Array): void;
  /** Its first frame since the last flush was collected. */
  collected(connection: Connection): void;
  busy(error: PeerBusyError): void;
  closed(connection: Connection): void;
}

type State = 'hello' | 'admission' | 'proof' | 'accept' | 'established' | 'retired' | 'closed';

/** One socket from its first byte to its last: the handshake, then frames, pings and the way out. */
export class Connection {
  readonly role: 'dialler' | 'acceptor';
  readonly address: string;
  /** Known from the peer's hello on. */
  peer: Identity | undefined;
  /** Why the handshake ended, where one end refused the other. */
  rejection: Rejection | undefined;
  /** What went wrong, if anything did. */
  failure: Error | undefined;
  /** Something came since the last look. */
  heard = true;

  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #hello: Uint8Array;
  readonly #probes = new Set<(alive: boolean) => void>();
  #timer: NodeJS.Timeout | undefined;
  #state: State = 'hello';
  #peerHello: Uint8Array = new Uint8Array();
  #collecting = false;
  #busy = false;

  constructor(socket: Socket, role: 'dialler' | 'acceptor', address: string, owner: ConnectionOwner) {
    this.role = role;
    this.address = address;
    this.#socket = socket;
    this.#owner = owner;
    this.#hello = encodeHello(owner.identity, owner.options.secret !== undefined);
    this.#writer = new FrameWriter(socket, () => this.#written());
    this.#reader = new FrameReader(
      MAX_HANDSHAKE_BYTES,
      (frame) => this.#frame(frame),
      (signal) => this.#signal(signal),
    );
    this.#timer = setTimeout(() => this.#timedOut(), owner.options.handshakeTimeoutInMs);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => this.retire('ending'));
    socket.on('error', (error) => this.#broken(error));
    socket.on('close', () => this.#closed());
    if (role === 'dialler') this.#say(this.#hello);
  }

  get established(): boolean {
    return this.#state === 'established';
  }

  /** False when the connection is on its way out, the frame is too large or the queue is full. */
  send(frame: Uint8Array): boolean {
    const { maxFrameBytes, maxQueuedBytes } = this.#owner.options;
    if (this.#state !== 'established' || frame.length > maxFrameBytes) return false;
    if (this.#writer.queuedBytes + FrameWriter.cost(frame) > maxQueuedBytes) {
      if (!this.#busy && this.peer !== undefined) this.#owner.busy(new PeerBusyError(this.peer.id));
      this.#busy = true;
      return false;
    }
    this.#writer.add(frame);
    if (!this.#collecting) {
      this.#collecting = true;
      this.#owner.collected(this);
    }
    return true;
  }

  flush(): void {
    this.#collecting = false;
    this.#writer.flush();
  }

  /** Asks whether anybody is there: whatever comes in time is an answer. */
  probe(timeoutInMs: number, done: (alive: boolean) => void): void {
    if (this.#state !== 'established') {
      done(false);
      return;
    }
    const settle = (alive: boolean): void => {
      clearTimeout(timer);
      if (this.#probes.delete(settle)) done(alive);
    };
    const timer = setTimeout(() => settle(false), timeoutInMs);
    this.#probes.add(settle);
    this.#writer.signal(SIGNALS + PING);
  }

  /**
   * Sends nothing new, lets what is queued leave and what is under way arrive, and is gone within `closeTimeoutInMs`.
   * 'ending' closes this end now, 'waiting' leaves that to the other end.
   */
  retire(mode: 'ending' | 'waiting'): void {
    if (this.#state === 'closed') return;
    this.#writer.flush();
    this.#state = this.#state === 'established' || this.#state === 'retired' ? 'retired' : 'closed';
    this.#settleProbes(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#owner.options.closeTimeoutInMs);
    if (mode === 'ending') this.#socket.end();
  }

  /** Ends it in the gentlest way its state allows. */
  close(): void {
    if (this.established || this.#state === 'retired') this.retire('ending');
    else this.destroy();
  }

  /** Ends it at once, telling the failure to nobody but the owner. */
  destroy(failure?: Error): void {
    this.failure ??= failure;
    this.#reader.stop();
    this.#socket.destroy();
  }

  #say(message: Uint8Array): void {
    this.#writer.add(message);
    this.#writer.flush();
  }

  #data(chunk: Buffer): void {
    this.heard = true;
    if (this.#probes.size > 0) this.#settleProbes(true);
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameTooLargeError)) throw error;
      if (this.established || this.#state === 'retired') this.destroy(error);
      else this.#refuse('malformed');
    }
  }

  #frame(frame: Uint8Array): void {
    if (this.#state === 'established' || this.#state === 'retired') {
      this.#owner.frame(frame);
      return;
    }
    const message = decodeHandshake(frame);
    if (message === undefined) this.#refuse('malformed');
    else this.#handshake(message);
  }

  #handshake(message: HandshakeMessage): void {
    if (message.kind === 'version-mismatch') this.#refuse('version-mismatch');
    else if (message.kind === 'reject' && this.role === 'dialler')
      this.#rejected(message.rejection, this.#owner.identity.id);
    else if (message.kind === 'hello' && this.#state === 'hello') this.#greeted(message);
    else if (message.kind === 'proof' && this.#state === 'proof') this.#proved(message.proof);
    else if (message.kind === 'accept' && this.#state === 'accept') this.#accepted(message.proof);
    else this.#refuse('malformed');
  }

  #greeted({ identity, secured, bytes }: HandshakeMessage & { kind: 'hello' }): void {
    this.#peerHello = bytes;
    if (identity.gridName !== this.#owner.identity.gridName) return this.#refuse('grid-mismatch');
    this.peer = identity;
    if (secured !== (this.#owner.options.secret !== undefined)) return this.#refuse('secret-mismatch');
    if (this.role === 'acceptor') {
      this.#state = 'proof';
      this.#say(this.#hello);
      return;
    }
    this.#ask(() => {
      this.#state = 'accept';
      this.#say(encodeProof('proof', this.#prove('dialler')));
    });
  }

  #proved(proof: Uint8Array): void {
    if (!sameProof(proof, this.#prove('dialler'))) return this.#refuse('secret-mismatch');
    this.#ask(() => {
      this.#say(encodeProof('accept', this.#prove('acceptor')));
      this.#establish();
    });
  }

  #accepted(proof: Uint8Array): void {
    if (!sameProof(proof, this.#prove('acceptor'))) this.#refuse('secret-mismatch');
    else this.#establish();
  }

  #ask(proceed: () => void): void {
    this.#state = 'admission';
    this.#owner.admit(this, (rejection) => {
      if (this.#state !== 'admission') return;
      if (rejection === undefined) proceed();
      else this.#refuse(rejection);
    });
  }

  #prove(role: 'dialler' | 'acceptor'): Uint8Array {
    const [first, second] = this.role === 'dialler' ? [this.#hello, this.#peerHello] : [this.#peerHello, this.#hello];
    return prove(this.#owner.options.secret, role, first, second);
  }

  #establish(): void {
    clearTimeout(this.#timer);
    this.#reader.limit(this.#owner.options.maxFrameBytes);
    this.#state = 'established';
    this.#owner.established(this);
  }

  #refuse(rejection: Rejection): void {
    this.#rejected(rejection, this.peer?.id ?? '');
    if (this.role === 'acceptor') this.#say(encodeReject(rejection));
    this.#reader.stop();
    this.retire('ending');
  }

  #rejected(rejection: Rejection, refusedId: string): void {
    this.rejection = rejection;
    if (rejection === 'duplicate-peer') this.failure ??= new DuplicatePeerError(refusedId);
    else if (rejection !== 'self' && rejection !== 'redundant') {
      this.failure ??= new HandshakeError(rejection, this.address);
    }
    if (this.role === 'dialler') this.#socket.destroy();
  }

  #signal(signal: number): void {
    if (!this.established && this.#state !== 'retired') this.#refuse('malformed');
    else if (signal === PING) this.#writer.signal(SIGNALS + PONG);
    else if (signal !== PONG) this.destroy(new ProtocolError(`Unknown signal ${signal}`));
  }

  #written(): void {
    const { queuedBytes } = this.#writer;
    if (this.#busy && queuedBytes <= this.#owner.options.maxQueuedBytes / 2) this.#busy = false;
    if (queuedBytes < LONG_QUEUE_BYTES) return;
    this.heard = true;
    if (this.#probes.size > 0) this.#settleProbes(true);
  }

  #timedOut(): void {
    this.destroy(new HandshakeError('timeout', this.address));
  }

  #broken(error: Error): void {
    if (this.#state === 'established' && this.peer !== undefined) {
      this.failure ??= new ConnectionLostError(this.peer.id, error.message, { cause: error });
    } else if (this.role === 'dialler' && this.#state !== 'retired') {
      this.failure ??= new HandshakeError('closed', this.address, { cause: error });
    }
  }

  #closed(): void {
    const handshaking = this.#state !== 'established' && this.#state !== 'retired';
    if (handshaking && this.role === 'dialler' && this.rejection === undefined) {
      this.failure ??= new HandshakeError('closed', this.address);
    }
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#settleProbes(false);
    this.#owner.closed(this);
  }

  #settleProbes(alive: boolean): void {
    for (const settle of [...this.#probes]) settle(alive);
  }
}
