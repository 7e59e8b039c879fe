import type { Clock } from '../../clock.js';
import { StorageUnavailableError } from '../../errors.js';

/** When calls begin. What `begin` gives resolves when the call has ended, and never rejects. */
export interface Order {
  read(begin: () => Promise<void>): void;
  change(begin: () => Promise<void>): void;
}

/** For what keeps the order of the calls itself. */
export const atOnce: Order = {
  read: (begin) => void begin(),
  change: (begin) => void begin(),
};

/** A change begins when everything before it has ended, a read when the changes before it have. */
export class Turns implements Order {
  #lastChange: Promise<void> = Promise.resolve();
  readonly #reads = new Set<Promise<void>>();

  change(begin: () => Promise<void>): void {
    const reads = [...this.#reads];
    this.#reads.clear();
    this.#lastChange = this.#lastChange.then(() => Promise.all(reads)).then(begin);
  }

  read(begin: () => Promise<void>): void {
    const read = this.#lastChange.then(begin);
    this.#reads.add(read);
    void read.then(() => this.#reads.delete(read));
  }
}

/**
 * Sees to it that every call ends in time, and that none says that it may have happened of which that is not so. One whose time is over before its
 * turn has come does not begin.
 */
export class Calls {
  readonly #open = new Set<Promise<unknown>>();

  constructor(
    private readonly clock: Clock,
    private readonly timeoutInMs: number,
    private readonly order: Order,
  ) {}

  /** @param work its signal is aborted when its time is over: there is no one left to tell */
  read<T>(work: (over: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(
      work,
      () => false,
      (begin) => this.order.read(begin),
    );
  }

  /**
   * @param mayHaveHappened whether it may have changed something, when it was begun and its time is over, or when it fails
   * @param work as that of `read`
   */
  change<T>(mayHaveHappened: () => boolean, work: (over: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(work, mayHaveHappened, (begin) => this.order.change(begin));
  }

  /** Resolves when the calls that were made until now have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  #run<T>(
    work: (over: AbortSignal) => Promise<T>,
    mayHaveHappened: () => boolean,
    schedule: (begin: () => Promise<void>) => void,
  ): Promise<T> {
    const call = new Promise<T>((resolve, reject) => {
      const controller = new AbortController();
      const over = new Promise<void>((end) => controller.signal.addEventListener('abort', () => end(), { once: true }));
      let begun = false;
      const cancel = this.clock.setTimer(() => {
        reject(new StorageUnavailableError(`no answer in ${this.timeoutInMs} ms`, begun && mayHaveHappened()));
        controller.abort();
      }, this.timeoutInMs);
      schedule(async () => {
        if (controller.signal.aborted) return;
        begun = true;
        const failed = (error: unknown): void => reject(mayHaveHappened() ? error : certainly(error));
        await Promise.race([work(controller.signal).then(resolve, failed), over]);
        cancel();
      });
    });
    this.#open.add(call);
    const end = (): void => void this.#open.delete(call);
    call.then(end, end);
    return call;
  }
}

/** What failed before anything could be committed has not happened, even where it is not known how far it came. */
function certainly(error: unknown): unknown {
  if (!(error instanceof StorageUnavailableError) || !error.mayHaveHappened) return error;
  return new StorageUnavailableError(error.message, false, error.cause);
}
