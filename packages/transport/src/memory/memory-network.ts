import { DuplicatePeerError } from '../errors.js';
import type { Transport } from '../transport.js';
import { Link } from './link.js';
import { type Medium, MemoryTransport } from './memory-transport.js';
import {
  type LinkFaults,
  type MemoryNetworkOptions,
  type ResolvedFaults,
  resolveFaults,
  resolveOptions,
} from './options.js';
import { Partition } from './partition.js';
import { nextTurn, systemClock } from './turn.js';

interface FaultRule {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly faults: ResolvedFaults;
}

/**
 * Connects members that live in one process: every two open ones of the same grid. Without faults, what is sent in one
 * turn of the event loop arrives in the next, in order. Frames are not copied. Networks know nothing of each other.
 */
export class MemoryNetwork {
  readonly #options;
  readonly #members = new Set<MemoryTransport>();
  readonly #disconnected = new Set<string>();
  readonly #medium: Medium;
  #rules: FaultRule[] = [];
  #partitions: Partition[] = [];
  #queue: (() => void)[] = [];

  /** @throws {ConfigurationError} naming the field. */
  constructor(options: MemoryNetworkOptions = {}) {
    this.#options = resolveOptions(options);
    this.#medium = {
      maxFrameBytes: this.#options.maxFrameBytes,
      join: (member) => this.#join(member),
      part: (member) => this.#part(member),
      carry: (link, frame) => this.#carry(link, frame),
    };
  }

  /** A transport for one member. `open` connects it. */
  transport(): Transport {
    return new MemoryTransport(this.#medium);
  }

  /**
   * Sets the faults of frames sent from now on, in place of those set before, for every link or for those from a member, to a
   * member, or both. The last call that covers a link counts.
   * @throws {ConfigurationError} naming the field.
   */
  setFaults(faults: LinkFaults, link: { readonly from?: string; readonly to?: string } = {}): void {
    const everyLink = link.from === undefined && link.to === undefined;
    const rule = { from: link.from, to: link.to, faults: resolveFaults(faults) };
    this.#rules = everyLink ? [rule] : [...this.#rules, rule];
    this.#refreshLinks();
  }

  /**
   * Cuts two groups of members off from each other without telling them, as a failing switch does: frames vanish, those
   * under way included, and nobody sees a `disconnected`. `others` defaults to everybody else; `oneWay` loses only what
   * `ids` send to `others`. Partitions add up.
   */
  partition(ids: Iterable<string>, others?: Iterable<string>, options: { readonly oneWay?: boolean } = {}): void {
    this.#partitions.push(new Partition(ids, others, options.oneWay ?? false));
    this.#refreshLinks();
  }

  /** Ends every partition. Members disconnected by `disconnect` stay so. */
  heal(): void {
    this.#partitions = [];
    this.#refreshLinks();
  }

  /** Tears down the connections of the members with this id: both ends see `disconnected`, frames under way are lost. */
  disconnect(id: string): void {
    this.#disconnected.add(id);
    for (const member of this.#members) {
      for (const link of member.links) {
        if (link.from.id === id || link.to.id === id) this.#cut(link);
      }
    }
  }

  /** Ends what `disconnect` did. */
  reconnect(id: string): void {
    if (!this.#disconnected.delete(id)) return;
    for (const member of this.#members) {
      if (member.id === id) this.#enqueue(() => this.#connect(member));
    }
  }

  #join(member: MemoryTransport): void {
    for (const other of this.#members) {
      if (other.id === member.id && other.gridName === member.gridName) throw new DuplicatePeerError(member.id);
    }
    this.#members.add(member);
    this.#enqueue(() => this.#connect(member));
  }

  #part(member: MemoryTransport): void {
    this.#members.delete(member);
    for (const other of this.#members) {
      for (const link of other.links) {
        if (link.to === member) this.#cut(link);
      }
    }
  }

  #connect(member: MemoryTransport): void {
    for (const other of [...this.#members]) {
      if (member.closed || this.#disconnected.has(member.id)) return;
      if (other === member || other.closed || other.gridName !== member.gridName) continue;
      if (this.#disconnected.has(other.id) || member.peers.has(other.id)) continue;
      const links = [this.#link(member, other), this.#link(other, member)];
      for (const link of links) link.from.connect(link);
    }
  }

  #cut(link: Link): void {
    link.cut = true;
    this.#enqueue(() => link.from.disconnect(link));
  }

  #link(from: MemoryTransport, to: MemoryTransport): Link {
    const link = new Link(from, to, this.#options.faults);
    this.#refresh(link);
    return link;
  }

  #refreshLinks(): void {
    for (const member of this.#members) for (const link of member.links) this.#refresh(link);
  }

  #refresh(link: Link): void {
    const from = link.from.id;
    const to = link.to.id;
    const covers = (rule: FaultRule) => (rule.from ?? from) === from && (rule.to ?? to) === to;
    link.faults = this.#rules.findLast(covers)?.faults ?? this.#options.faults;
    link.blocked = this.#partitions.some((partition) => partition.blocks(from, to));
  }

  #carry(link: Link, frame: Uint8Array): boolean {
    const { maxFrameBytes, maxQueuedFrames, maxQueuedBytes, random } = this.#options;
    if (link.cut || link.from.closed || frame.length > maxFrameBytes) return false;
    if (link.queuedFrames >= maxQueuedFrames || link.queuedBytes + frame.length > maxQueuedBytes) return false;
    const { loss, duplication } = link.faults;
    if (link.blocked || (loss > 0 && random() < loss)) return true;
    const copies = duplication > 0 && random() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#dispatch(link, frame);
    return true;
  }

  #dispatch(link: Link, frame: Uint8Array): void {
    link.queuedFrames += 1;
    link.queuedBytes += frame.length;
    const { minDelayInMs, maxDelayInMs } = link.faults;
    const delayInMs =
      maxDelayInMs > minDelayInMs
        ? minDelayInMs + this.#options.random() * (maxDelayInMs - minDelayInMs)
        : minDelayInMs;
    if (delayInMs === 0) {
      this.#enqueue(() => this.#arrive(link, frame));
      return;
    }
    const cancel = (this.#options.clock ?? systemClock).setTimer(() => {
      link.to.arrived(cancel);
      this.#arrive(link, frame);
    }, delayInMs);
    link.to.await(cancel);
  }

  #arrive(link: Link, frame: Uint8Array): void {
    link.queuedFrames -= 1;
    link.queuedBytes -= frame.length;
    if (link.cut || link.blocked) return;
    if (!this.#options.overwriteDelivered) {
      link.to.deliver(frame);
      return;
    }
    const copy = new Uint8Array(frame);
    link.to.deliver(copy);
    copy.fill(0xdb);
  }

  /** One deferred flush serves everything that happens in a turn: a timer a frame would cost more than the delivery. */
  #enqueue(event: () => void): void {
    this.#queue.push(event);
    if (this.#queue.length > 1) return;
    const { clock } = this.#options;
    if (clock === undefined) nextTurn(() => this.#flush());
    else clock.setTimer(() => this.#flush(), 0);
  }

  #flush(): void {
    const events = this.#queue;
    this.#queue = [];
    for (const event of events) event();
  }
}
