import { HamokMessage } from '@hamok/messages';
import { nextTurn, type Transport, type TransportLocal, type TransportReceiver } from '@hamok/transport';
import { BadInputError } from './errors.js';

/** What is longer is not accepted. The transports of `@hamok/transport` have the same limit. */
const maxBytes = 16 * 1024 * 1024;

/** The application's own connections as a transport: it is given messages to send, and hands in those it received. */
export class MessageTransport implements Transport {
  readonly maxFrameBytes = maxBytes;
  readonly peers = new Set<string>();
  #id: string | undefined;
  #receiver: TransportReceiver | undefined;
  #accepted: Uint8Array[] = [];

  /** `emit` gives a message to the application; false when nobody takes it. */
  constructor(private readonly emit: (message: HamokMessage) => boolean) {}

  async open({ id }: TransportLocal, receiver: TransportReceiver): Promise<void> {
    this.#id = id;
    this.#receiver = receiver;
  }

  send(frame: Uint8Array, to?: string): boolean {
    const message = HamokMessage.fromBinary(frame);
    if (to !== undefined) message.destinationId = to;
    return this.emit(message);
  }

  /** @throws what encoding or decoding throws, and {@link BadInputError} */
  accept(input: HamokMessage | Uint8Array): void {
    const frame = input instanceof Uint8Array ? input.slice(0, maxBytes + 1) : encoded(input);
    if (frame.length > maxBytes) throw new BadInputError(`a message of more than ${maxBytes} bytes`);
    this.#accepted.push(frame);
    // A turn of its own, since the one who hands it in may be within this member's `send`.
    if (this.#accepted.length === 1) nextTurn(() => this.#deliver());
  }

  connect(peerId: string): void {
    if (peerId === this.#id || this.peers.has(peerId)) return;
    this.peers.add(peerId);
    nextTurn(() => this.#receiver?.connected(peerId));
  }

  disconnect(peerId: string): void {
    if (this.peers.delete(peerId)) nextTurn(() => this.#receiver?.disconnected(peerId));
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#accepted = [];
    this.peers.clear();
  }

  #deliver(): void {
    const frames = this.#accepted;
    this.#accepted = [];
    for (const frame of frames) {
      try {
        this.#receiver?.frame(frame);
      } catch (error) {
        this.#receiver?.error(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}

/** By its method, not by its class: a program may hold two copies of the package. */
function encoded(input: HamokMessage | undefined): Uint8Array {
  if (typeof input?.toBinary === 'function') return input.toBinary();
  throw new BadInputError('neither a HamokMessage nor bytes');
}
