import type { Clock } from '../clock.js';
import { ClosedError, codeOf, type HamokError, StorageFailedError } from '../errors.js';
import type { Storage } from '../storage/storage.js';
import type { CallEnding } from '../storage-grid/call-order.js';

/** One change of the replicated entries, as a storage makes it. */
export type CopyChange<K, V> =
  | { readonly type: 'set'; readonly key: K; readonly value: V }
  | { readonly type: 'delete'; readonly key: K }
  | { readonly type: 'clear' };

export interface StorageCopyOptions<K, V> {
  readonly storageId: string;
  readonly clock: Clock;
  /** All entries as they are here now. */
  readonly entries: () => Iterable<readonly [K, V]>;
  /** Whether a key is taken here now. */
  readonly has: (key: K) => boolean;
  readonly onError: (error: HamokError) => void;
}

const changesAtOnce = 1024;
/** Behind by more than that, it is quicker to compare everything. */
const maxWaiting = 65_536;
const firstPauseInMs = 100;
const longestPauseInMs = 10_000;

/**
 * Keeps a storage of this member's own as the replicated entries are: carries out each change in order, in the background, and where it
 * cannot tell any more what is in there (it begins, a call failed, or too many changes wait), makes it equal as a whole. It changes
 * nothing while this member does not know the entries: what a database kept may be all that there is.
 */
export class StorageCopy<K, V> {
  #waiting: CopyChange<K, V>[] = [];
  #following = false;
  #isUnknown = true;
  #working = false;
  #closed = false;
  #pauseInMs = firstPauseInMs;
  #cancelPause: (() => void) | undefined;
  /** What the storage rejected with last, if it does. */
  #failure: unknown;
  readonly #waiters = new Set<{ readonly resolve: () => void; readonly reject: (error: Error) => void }>();

  constructor(
    private readonly storage: Storage<K, V>,
    private readonly options: StorageCopyOptions<K, V>,
  ) {}

  add(change: CopyChange<K, V>): void {
    if (this.#isUnknown && !this.#working) return;
    this.#waiting.push(change);
    if (this.#waiting.length > maxWaiting) {
      this.#isUnknown = true;
      this.#waiting = [];
    }
    this.#work();
  }

  /** The entries here are those of the grid, and may be others than before. */
  follow(): void {
    this.#following = true;
    this.compareAll();
  }

  /** There was a change that `add` cannot be told. */
  compareAll(): void {
    this.#isUnknown = true;
    this.#work();
  }

  /** The entries here are not those of the grid any more. */
  pause(): void {
    this.#following = false;
    this.#isUnknown = true;
  }

  /** Resolves when the storage has everything that is here now; rejects when this is closed. As long as somebody waits for it. */
  caughtUp(wait: CallEnding): Promise<void> {
    if (!this.#isUnknown && !this.#working && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.add(waiter);
      wait.whenOver(() => this.#waiters.delete(waiter));
    });
  }

  /** What to say to who waits no more: because of this, or because its time is over. */
  behind(aborted: unknown): StorageFailedError {
    if (aborted !== undefined) return this.#error('aborted', aborted, false);
    return this.#error(
      this.#failure === undefined ? 'timeout' : (codeOf(this.#failure) ?? 'unknown'),
      this.#failure,
      false,
    );
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause?.();
    for (const { reject } of this.#waiters) reject(new ClosedError(`"${this.options.storageId}"`));
    this.#waiters.clear();
  }

  #work(): void {
    if (!this.#following || this.#working || this.#closed || this.#cancelPause !== undefined) return;
    this.#working = true;
    void this.#carryOut();
  }

  async #carryOut(): Promise<void> {
    try {
      while (this.#following && !this.#closed && (this.#isUnknown || this.#waiting.length > 0)) {
        if (this.#isUnknown) await this.#compare();
        else await this.#apply(this.#waiting.splice(0, changesAtOnce));
        this.#pauseInMs = firstPauseInMs;
        this.#failure = undefined;
      }
      if (this.#following && !this.#closed) this.#wake();
    } catch (error) {
      this.#isUnknown = true;
      this.#failure = error;
      this.#reportAndWait(error);
    }
    this.#working = false;
  }

  /** What changes meanwhile is carried out afterwards, and does no harm where it is there already. */
  async #compare(): Promise<void> {
    this.#isUnknown = false;
    this.#waiting = [];
    const found = [...(await this.storage.keys())];
    if (!this.#following) return;
    const surplus = found.filter((key) => !this.options.has(key));
    for (let at = 0; at < surplus.length && this.#following; at += changesAtOnce)
      await this.storage.deleteAll(surplus.slice(at, at + changesAtOnce));
    const entries = [...this.options.entries()];
    for (let at = 0; at < entries.length && !this.#isUnknown; at += changesAtOnce)
      await this.storage.setAll(entries.slice(at, at + changesAtOnce));
  }

  /** Neighbouring changes of one kind are one batch: a batch takes the last of those with one key. */
  async #apply(changes: readonly CopyChange<K, V>[]): Promise<void> {
    for (let from = 0; from < changes.length; ) {
      const first = changes[from];
      let to = from;
      while (changes[to]?.type === first?.type) to++;
      const run = changes.slice(from, to);
      if (first?.type === 'clear') await this.storage.clear();
      else if (first?.type === 'delete') await this.storage.deleteAll(run.flatMap(keysOf));
      else await this.storage.setAll(run.flatMap(entriesOf));
      from = to;
    }
  }

  #reportAndWait(error: unknown): void {
    const { clock, onError } = this.options;
    onError(this.#error(codeOf(error) ?? 'unknown', error, true));
    if (this.#closed) return;
    this.#cancelPause = clock.setTimer(() => {
      this.#cancelPause = undefined;
      this.#work();
    }, this.#pauseInMs);
    this.#pauseInMs = Math.min(this.#pauseInMs * 2, longestPauseInMs);
  }

  #error(reason: string, cause: unknown, mayHaveHappened: boolean): StorageFailedError {
    const what = `this member's copy of "${this.options.storageId}" is behind`;
    return new StorageFailedError(what, reason, mayHaveHappened, cause);
  }

  #wake(): void {
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }
}

function keysOf<K, V>(change: CopyChange<K, V>): K[] {
  return change.type === 'delete' ? [change.key] : [];
}

function entriesOf<K, V>(change: CopyChange<K, V>): [K, V][] {
  return change.type === 'set' ? [[change.key, change.value]] : [];
}
