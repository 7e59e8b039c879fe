import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import type { CallOptions } from '../session/call.js';

/** Whoever is asked may ask for more time, until so many times the first has passed. */
const longestWait = 12;

/** How long one call waits. Ended by its time, its signal, or its outcome. */
export class Patience {
  readonly #clock: Clock;
  readonly #timeoutInMs: number;
  readonly #lastAt: number;
  #deadline: number;
  #cancelTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #onEnd: ((cause: unknown) => void) | undefined;
  #ended = false;
  #over: () => void = () => undefined;
  /** Resolves when it has ended, by whatever. */
  readonly over = new Promise<void>((resolve) => {
    this.#over = resolve;
  });

  /**
   * @param defaultInMs where the options have none; only then may it be prolonged
   * @throws OptionError
   */
  constructor(clock: Clock, defaultInMs: number, options: CallOptions | undefined) {
    requireWait(options);
    this.#clock = clock;
    this.#timeoutInMs = options?.timeoutInMs ?? defaultInMs;
    this.#deadline = clock.now() + this.#timeoutInMs;
    this.#lastAt = options?.timeoutInMs === undefined ? clock.now() + this.#timeoutInMs * longestWait : this.#deadline;
    const signal = options?.signal;
    if (signal === undefined) return;
    const onAbort = (): void => this.#end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', onAbort);
    this.#ended = signal.aborted;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves or rejects with the work, or rejects with what `onEnd` gives when this is over before. */
  async limit<T>(work: Promise<T>, onEnd: (cause: unknown) => Error): Promise<T> {
    work.catch(() => undefined);
    const over = new Promise<never>((_, reject) => {
      this.#onEnd = (cause) => reject(onEnd(cause));
    });
    if (this.#ended) this.#end(undefined);
    else this.#arm();
    try {
      return await Promise.race([work, over]);
    } finally {
      this.#ended = true;
      this.#over();
      this.#cancelTimer?.();
      this.#stopListening?.();
    }
  }

  /** Somebody still works on it. */
  prolong(): void {
    this.#deadline = Math.min(this.#lastAt, Math.max(this.#deadline, this.#clock.now() + this.#timeoutInMs));
  }

  #arm(): void {
    const leftInMs = this.#deadline - this.#clock.now();
    this.#cancelTimer = this.#clock.setTimer(
      () => {
        if (this.#clock.now() < this.#deadline) this.#arm();
        else this.#end(undefined);
      },
      Math.max(0, leftInMs),
    );
  }

  #end(cause: unknown): void {
    this.#ended = true;
    this.#over();
    this.#onEnd?.(cause);
  }
}
