import type { Entry, HardState } from '@hamok/raft';
import type { SeededRandom } from '../random.js';
import type { EventQueue } from './event-queue.js';
import type { Snapshot } from './snapshot.js';

/** One write: it becomes durable as a whole, in the order of writing. */
interface Write {
  readonly hardState?: HardState | undefined;
  readonly entries?: readonly Entry[];
  readonly snapshot?: Snapshot;
  readonly done: () => void;
}

/** What one member has made durable, and the writes under way. With no latency a write is durable at once. */
export class Disk {
  hardState: HardState | undefined;
  snapshot: Snapshot;
  entries: Entry[] = [];
  readonly #pending: Write[] = [];
  #syncing = false;
  #life = 0;

  constructor(
    snapshot: Snapshot,
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    /** Longest time for a write to become durable (ms). */
    public maxLatency: number,
  ) {
    this.snapshot = snapshot;
  }

  /** Whether this entry is durable here, in the log or behind the snapshot. */
  holds(index: number, term: number): boolean {
    if (index <= this.snapshot.position.index) return true;
    return this.#at(index)?.term === term;
  }

  #at(index: number): Entry | undefined {
    const at = index - (this.entries[0]?.index ?? 0);
    return at < 0 ? undefined : this.entries[at];
  }

  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  write(write: Write): void {
    if (this.maxLatency === 0 && this.isIdle) {
      this.#apply(write);
      write.done();
      return;
    }
    this.#pending.push(write);
    if (!this.#syncing) this.#sync();
  }

  /** One sync makes all writes durable that waited when it began. */
  #sync(): void {
    this.#syncing = true;
    const life = this.#life;
    const count = this.#pending.length;
    this.queue.after(this.random.between(0, this.maxLatency), () => {
      if (life !== this.#life) return;
      this.#syncing = false;
      const writes = this.#pending.splice(0, count);
      for (const write of writes) this.#apply(write);
      for (const write of writes) write.done();
      if (this.#pending.length > 0 && !this.#syncing) this.#sync();
    });
  }

  /** The power goes: of what was not synced a random first part is durable, the rest is lost. Returns how many writes. */
  crash(): number {
    this.#life++;
    this.#syncing = false;
    const writes = this.#pending.splice(0);
    const kept = this.random.integer(writes.length + 1);
    for (const write of writes.slice(0, kept)) this.#apply(write);
    return writes.length - kept;
  }

  #apply({ hardState, entries, snapshot }: Write): void {
    if (hardState) this.hardState = hardState;
    if (snapshot && snapshot.position.index > this.snapshot.position.index) {
      const at = snapshot.position.index;
      const agrees = this.#at(at)?.term === snapshot.position.term;
      this.snapshot = snapshot;
      this.entries = agrees ? this.entries.filter(({ index }) => index > at) : [];
    }
    const first = entries?.[0];
    if (!entries || !first) return;
    const base = this.entries[0]?.index ?? this.snapshot.position.index + 1;
    const kept = Math.max(0, first.index - base);
    if (kept < this.entries.length) this.entries.length = kept;
    for (const entry of entries) if (entry.index > this.snapshot.position.index) this.entries.push(entry);
  }
}
