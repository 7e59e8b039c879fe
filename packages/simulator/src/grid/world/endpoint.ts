import type { Transport, TransportLocal, TransportReceiver } from '@hamok/raft';
import type { Fabric } from './fabric.js';
import type { Process } from './process.js';

/** Where a frame lies while it is received: one at a time, for what is sent on arrives later. */
let room = new Uint8Array(1 << 16);

/** One process's way to the others: connections that come up after a while, break when the other side ends, and lose what the network loses. */
export class Endpoint implements Transport {
  readonly peers = new Set<string>();
  /** By host: two processes may have one id, and one process another endpoint when it comes back. */
  readonly #links = new Map<string, Endpoint>();
  #receiver: TransportReceiver | undefined;

  constructor(
    readonly owner: Process,
    readonly fabric: Fabric,
  ) {}

  /** What was asked for in the step in which its process ended comes to nothing. */
  async open(_local: TransportLocal, receiver: TransportReceiver): Promise<void> {
    if (this.owner.isDead) return;
    this.#receiver = receiver;
    this.fabric.opened(this);
  }

  get isOpen(): boolean {
    return this.#receiver !== undefined;
  }

  send(frame: Uint8Array, to?: string): boolean {
    if (!this.isOpen) return false;
    this.owner.world.sent(this.owner, frame);
    let sent = false;
    for (const { owner: other } of this.#links.values()) {
      if (to !== undefined && other.peerId !== to) continue;
      this.fabric.send(this.owner, other, frame);
      sent = true;
      if (to !== undefined) break;
    }
    return sent;
  }

  async close(): Promise<void> {
    this.abandon();
  }

  /** Nothing is received any more, and the others notice in their time. */
  abandon(): void {
    if (!this.isOpen) return;
    this.#receiver = undefined;
    this.#links.clear();
    this.peers.clear();
    this.fabric.closed(this);
  }

  connect(other: Endpoint): void {
    if (!this.#receiver) return;
    const { host, peerId } = other.owner;
    this.#links.set(host, other);
    if (this.peers.has(peerId)) return;
    this.peers.add(peerId);
    this.#receiver.connected(peerId);
  }

  /** Nothing is done about a link that another has taken the place of. */
  disconnect(other: Endpoint): void {
    const { host, peerId } = other.owner;
    if (this.#links.get(host) !== other) return;
    this.#links.delete(host);
    for (const { owner } of this.#links.values()) if (owner.peerId === peerId) return;
    this.peers.delete(peerId);
    this.#receiver?.disconnected(peerId);
  }

  /** Receivers are to keep no bytes, so these are overwritten when they return. */
  receive(frame: Uint8Array): void {
    if (!this.#receiver) return;
    if (frame.length > room.length) room = new Uint8Array(frame.length);
    room.set(frame);
    const bytes = room.subarray(0, frame.length);
    try {
      this.#receiver.frame(bytes);
    } catch (error) {
      this.#receiver?.error(error instanceof Error ? error : new Error(String(error)));
    }
    bytes.fill(0xdd);
  }
}
