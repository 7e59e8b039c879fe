import {
  type Clock,
  type Configuration,
  type LogAppend,
  type LogContents,
  type LogPosition,
  type LogStore,
  MemoryLog,
  type Random,
  type StoredLog,
} from '../../src/index.js';

interface Write {
  readonly apply: (log: MemoryLog) => void | Promise<void>;
  readonly done: () => void;
}

/** A log on a disk that takes its time: what was not synced when the process dies may be lost, but for a first part of it. */
export class SlowLog implements LogStore {
  /** What is durable. */
  readonly durable = new MemoryLog();
  /** Whether the store says that it lost nothing. */
  complete = true;
  failure: Error | undefined;
  #pending: Write[] = [];
  #syncing = false;
  #life = 0;
  #failed: ((error: Error) => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    /** How long a sync takes, in ms. */
    public latencyInMs: number,
  ) {}

  async open(_id: string, failed: (error: Error) => void): Promise<StoredLog | undefined> {
    this.#failed = failed;
    const stored = await this.durable.open();
    return stored && { ...stored, complete: this.complete };
  }

  /** What was written in the background is lost. */
  fail(error: Error): void {
    this.failure = error;
    this.#failed?.(error);
  }

  begin(contents: LogContents): Promise<void> {
    this.complete = true;
    return this.#write((log) => log.begin(contents));
  }

  append(append: LogAppend): Promise<void> {
    return this.#write((log) => log.append(append));
  }

  compact(position: LogPosition, configuration: Configuration): Promise<void> {
    return this.#write((log) => log.compact(position, configuration));
  }

  clear(): Promise<void> {
    return this.#write((log) => log.clear());
  }

  async close(): Promise<void> {
    this.#apply(this.#pending.length);
    this.#life++;
    this.#syncing = false;
  }

  /** The process dies: what was written and not synced is lost, but for a first part of it. */
  crash(): void {
    this.#apply(Math.floor(this.random() * (this.#pending.length + 1)));
    this.#pending = [];
    this.#life++;
    this.#syncing = false;
  }

  #write(apply: Write['apply']): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((done) => {
      this.#pending.push({ apply, done });
      if (!this.#syncing) this.#sync();
    });
  }

  #sync(): void {
    this.#syncing = true;
    const life = this.#life;
    const count = this.#pending.length;
    this.clock.setTimer(() => {
      if (life !== this.#life) return;
      this.#syncing = false;
      this.#apply(count);
      if (this.#pending.length > 0) this.#sync();
    }, this.latencyInMs);
  }

  #apply(count: number): void {
    for (const { apply, done } of this.#pending.splice(0, count)) {
      void apply(this.durable);
      done();
    }
  }
}
