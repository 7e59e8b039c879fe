import type { Clock } from '../../clock.js';
import { StorageUnavailableError } from '../../errors.js';

/** One thing after another: each begins when what came before it has ended. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** @param begin never rejects */
  take(begin: () => Promise<void>): void {
    this.#last = this.#last.then(begin);
  }
}

/** Sees to it that every call ends in time. */
export class Calls {
  readonly #open = new Set<Promise<unknown>>();

  /** @param turns what the calls wait for; without it they begin at once */
  constructor(
    private readonly clock: Clock,
    private readonly timeoutInMs: number,
    private readonly turns?: Turns,
  ) {}

  /**
   * A call whose time is over before its turn has come does not begin.
   *
   * @param mayHaveHappened whether it may have changed something, when it was begun and its time is over
   * @param work its signal is aborted when the time is over: there is no one left to tell
   */
  run<T>(mayHaveHappened: () => boolean, work: (over: AbortSignal) => Promise<T>): Promise<T> {
    const call = this.#begin(mayHaveHappened, work);
    this.#open.add(call);
    const end = (): void => void this.#open.delete(call);
    call.then(end, end);
    return call;
  }

  /** Resolves when the calls that were made until now have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  #begin<T>(mayHaveHappened: () => boolean, work: (over: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const controller = new AbortController();
      const over = new Promise<void>((end) => controller.signal.addEventListener('abort', () => end(), { once: true }));
      let begun = false;
      const cancel = this.clock.setTimer(() => {
        reject(new StorageUnavailableError(`no answer in ${this.timeoutInMs} ms`, begun && mayHaveHappened()));
        controller.abort();
      }, this.timeoutInMs);
      const begin = async (): Promise<void> => {
        if (controller.signal.aborted) return;
        begun = true;
        await Promise.race([work(controller.signal).then(resolve, reject), over]);
        cancel();
      };
      if (this.turns === undefined) void begin();
      else this.turns.take(begin);
    });
  }
}
