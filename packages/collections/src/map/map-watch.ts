import { WatchGapError } from '../errors.js';
import { Fifo } from '../fifo.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { MapFollower, MapHistory } from './map-history.js';

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads the changes of a map from a position of its history on. */
export class MapWatch<T> implements AsyncIterableIterator<T, undefined>, MapFollower {
  readonly #readers = new Fifo<Reader<T>>();
  #ended = false;
  #failure: WatchGapError | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly history: MapHistory,
    private position: number,
    private readonly decode: (change: MapChange) => T,
  ) {
    history.follow(this);
  }

  /** Ends when the signal is aborted. */
  endWith(signal: AbortSignal): void {
    if (signal.aborted) return this.end();
    const onAbort = () => this.end();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', onAbort);
  }

  /** Rejects the next reading, then ends. */
  fail(error: WatchGapError): void {
    if (this.#ended) return;
    this.#failure = error;
    this.wake();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.wake();
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.history.unfollow(this);
    this.#stopListening?.();
    this.wake();
  }

  wake(): void {
    while (this.#readers.length > 0 && this.#answer()) this.#readers.shift();
  }

  restarted(): void {
    this.fail(new WatchGapError('restored', this.history.firstRevision));
  }

  /** Answers the first reader, if there is something to say. */
  #answer(): boolean {
    const reader = this.#readers.at(0);
    if (reader === undefined) return false;
    if (this.#ended) {
      reader.resolve({ done: true, value: undefined });
      return true;
    }
    if (this.history.isDropped(this.position))
      this.#failure ??= new WatchGapError('too-slow', this.history.firstRevision);
    if (this.#failure !== undefined) {
      reader.reject(this.#failure);
      this.#readers.shift();
      this.end();
      return false;
    }
    const change = this.history.at(this.position);
    if (change === undefined) return false;
    this.position++;
    try {
      reader.resolve({ done: false, value: this.decode(change) });
    } catch (error) {
      reader.reject(error);
    }
    return true;
  }
}
