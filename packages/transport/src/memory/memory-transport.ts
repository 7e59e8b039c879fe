import { AlreadyOpenError, ClosedError } from '../errors.js';
import { report } from '../report.js';
import type { Transport, TransportLocal, TransportReceiver } from '../transport.js';
import type { Link } from './link.js';

/** What a member asks of its network. */
export interface Medium {
  readonly maxFrameBytes: number;
  join(member: MemoryTransport): void;
  part(member: MemoryTransport): void;
  carry(link: Link, frame: Uint8Array): boolean;
}

/** One member's end of a `MemoryNetwork`. */
export class MemoryTransport implements Transport {
  readonly #medium: Medium;
  readonly #peers = new Set<string>();
  readonly #links = new Map<string, Link>();
  readonly #underWay = new Set<() => void>();
  #local: TransportLocal | undefined;
  #receiver: TransportReceiver | undefined;
  #closed = false;

  constructor(medium: Medium) {
    this.#medium = medium;
  }

  get maxFrameBytes(): number {
    return this.#medium.maxFrameBytes;
  }

  get peers(): ReadonlySet<string> {
    return this.#peers;
  }

  get id(): string {
    return this.#local?.id ?? '';
  }

  get gridName(): string {
    return this.#local?.gridName ?? '';
  }

  get closed(): boolean {
    return this.#closed;
  }

  get links(): Iterable<Link> {
    return this.#links.values();
  }

  /** @throws {DuplicatePeerError} when an open member of the grid has this id. */
  async open(local: TransportLocal, receiver: TransportReceiver): Promise<void> {
    if (this.#closed) throw new ClosedError();
    if (this.#local !== undefined) throw new AlreadyOpenError();
    this.#local = local;
    try {
      this.#medium.join(this);
    } catch (error) {
      this.#local = undefined;
      throw error;
    }
    this.#receiver = receiver;
  }

  send(frame: Uint8Array, to?: string): boolean {
    if (to !== undefined) {
      const link = this.#links.get(to);
      return link !== undefined && this.#medium.carry(link, frame);
    }
    let sent = false;
    for (const link of this.#links.values()) sent = this.#medium.carry(link, frame) || sent;
    return sent;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#local !== undefined) this.#medium.part(this);
    this.#links.clear();
    this.#peers.clear();
    for (const cancel of this.#underWay) cancel();
    this.#underWay.clear();
  }

  /** Remembers a frame that a timer will deliver here, so that closing releases the timer. */
  await(cancel: () => void): void {
    this.#underWay.add(cancel);
  }

  arrived(cancel: () => void): void {
    this.#underWay.delete(cancel);
  }

  connect(link: Link): void {
    this.#links.set(link.to.id, link);
    this.#peers.add(link.to.id);
    this.#call((receiver) => receiver.connected(link.to.id));
  }

  disconnect(link: Link): void {
    if (this.#links.get(link.to.id) !== link) return;
    this.#links.delete(link.to.id);
    this.#peers.delete(link.to.id);
    this.#call((receiver) => receiver.disconnected(link.to.id));
  }

  deliver(frame: Uint8Array): void {
    this.#call((receiver) => receiver.frame(frame));
  }

  #call(callback: (receiver: TransportReceiver) => void): void {
    const receiver = this.#receiver;
    if (this.#closed || receiver === undefined) return;
    try {
      callback(receiver);
    } catch (error) {
      report(receiver, error);
    }
  }
}
