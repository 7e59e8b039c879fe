import type {
  Configuration,
  Entry,
  HardState,
  LogAppend,
  LogContents,
  LogPosition,
  LogStore,
  MemberId,
  SnapshotStore,
  StoredLog,
} from '@hamok/raft';
import type { SeededRandom } from '../../random.js';
import type { EventQueue } from '../../world/event-queue.js';
import type { Product } from '../product.js';
import { SnapshotFiles } from './snapshot-files.js';

/** What a log promises. `always`: what it acknowledged is durable. `late`: term and vote are; a crash may take the last entries. */
export type Durability = 'always' | 'late';

interface Stored extends LogContents {
  hardState: HardState;
  base: LogPosition;
  configuration: Configuration;
  readonly entries: Entry[];
  complete: boolean;
}

/** A change of what is stored, to become durable in its turn. */
interface Write {
  readonly change: (stored: Stored | undefined) => Stored | undefined;
  /** It was acknowledged before it is durable. */
  readonly wasPromised: boolean;
  readonly done: () => void;
}

/** Runs something as the process that the disk serves now. */
type Act = (run: () => void) => void;

/** The disk of one host, which outlives its processes: a log with a tail that is not synced, and snapshots. */
export class Disk {
  readonly #pending: Write[] = [];
  readonly snapshots: SnapshotFiles;
  #stored: Stored | undefined;
  #syncing = false;
  /** Grows with each crash: what an earlier process waits for never comes. */
  #life = 0;

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly durability: Durability,
    /** Longest time for a write to become durable (ms). */
    public maxLatency: number,
    { MemorySnapshotStore }: Pick<Product, 'MemorySnapshotStore'>,
  ) {
    // Some programs have theirs compressed.
    const compression = durability === 'late' ? 'deflate' : 'none';
    this.snapshots = new SnapshotFiles(() => new MemorySnapshotStore({ compression }));
  }

  get hardState(): HardState | undefined {
    return this.#stored?.hardState;
  }

  /** Where the log ends that is durable here; -1 for none. */
  get lastIndex(): number {
    const { base, entries } = this.#stored ?? {};
    return base && entries ? base.index + entries.length : -1;
  }

  /** Whether this is the disk of that member of a grid, and of none that came after it. */
  isOf(member: MemberId, gridId: string): boolean {
    return this.#stored?.owner.member === member && this.#stored.owner.gridId === gridId;
  }

  /** Whether this entry is durable here, in the log or behind the snapshot. */
  holds(index: number, term: number): boolean {
    if (!this.#stored) return false;
    const { base, entries } = this.#stored;
    return index <= base.index || entries[index - base.index - 1]?.term === term;
  }

  /** The log, for a process that starts now. */
  log(act: Act): LogStore {
    return {
      open: async () => this.#open(),
      begin: (contents) => this.#written(act, () => ({ ...contents, entries: [...contents.entries], complete: true })),
      append: (append) => this.#append(act, append),
      compact: (position, configuration) => this.#written(act, (stored) => compact(stored, position, configuration)),
      clear: () => {
        this.snapshots.leave();
        return this.#written(act, () => undefined);
      },
      close: () => this.#written(act, (stored) => stored),
    };
  }

  snapshotStore(act: Act): SnapshotStore {
    return this.snapshots.store(() => this.#written(act, (stored) => stored));
  }

  /** The power goes: of what was not synced a random first part is durable, the rest is lost. Returns how many writes. */
  crash(): number {
    this.#life++;
    this.#syncing = false;
    const writes = this.#pending.splice(0);
    const kept = this.random.integer(writes.length + 1);
    for (const { change } of writes.slice(0, kept)) this.#stored = change(this.#stored);
    const lost = writes.slice(kept);
    if (this.#stored && lost.some(({ wasPromised }) => wasPromised)) this.#stored.complete = false;
    return lost.length;
  }

  #open(): StoredLog | undefined {
    return this.#stored && { ...this.#stored, entries: [...this.#stored.entries] };
  }

  #append(act: Act, { hardState, entries }: LogAppend): Promise<void> | undefined {
    const change = (stored: Stored | undefined) => append(stored, hardState, entries);
    if (this.durability === 'always' || hardState) return this.#written(act, change);
    this.#write({ change, wasPromised: true, done: () => {} });
    return undefined;
  }

  #written(act: Act, change: Write['change']): Promise<void> {
    return new Promise((resolve) => this.#write({ change, wasPromised: false, done: () => act(resolve) }));
  }

  #write(write: Write): void {
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
      for (const { change } of writes) this.#stored = change(this.#stored);
      for (const { done } of writes) done();
      if (this.#pending.length > 0 && !this.#syncing) this.#sync();
    });
  }
}

function append(stored: Stored | undefined, hardState: HardState | undefined, entries: readonly Entry[]) {
  if (!stored) return undefined;
  if (hardState) stored.hardState = hardState;
  const [first] = entries;
  if (first) stored.entries.length = Math.max(0, Math.min(stored.entries.length, first.index - stored.base.index - 1));
  for (const entry of entries) if (entry.index > stored.base.index) stored.entries.push(entry);
  return stored;
}

function compact(stored: Stored | undefined, base: LogPosition, configuration: Configuration) {
  if (!stored || base.index <= stored.base.index) return stored;
  const covered = base.index - stored.base.index;
  const agrees = stored.entries[covered - 1]?.term === base.term;
  stored.entries.splice(0, agrees ? covered : stored.entries.length);
  stored.base = base;
  stored.configuration = configuration;
  return stored;
}
