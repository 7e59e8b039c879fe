/** The only way time reaches this package. A simulator passes its own. */
export interface Clock {
  /** Monotonic time in ms, with fractions. Its origin means nothing. */
  now(): number;
  /** Wall-clock time in ms since 1970, for naming incarnations only. */
  wallTime(): number;
  /**
   * Calls back once, after at least `delayInMs`; never for `Infinity`. The returned function cancels it. A pending timer keeps the
   * process alive.
   */
  setTimer(callback: () => void, delayInMs: number): () => void;
  /** Calls back once, after the running code and before any I/O or timer. */
  defer(callback: () => void): void;
}

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Of longer timers Node.js and browsers make ones that fire at once. Almost 25 days. */
const longestTimerInMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (callback, delayInMs) => {
    if (delayInMs === Number.POSITIVE_INFINITY) return () => undefined;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftInMs: number): void => {
      timer =
        leftInMs > longestTimerInMs
          ? setTimeout(() => wait(leftInMs - longestTimerInMs), longestTimerInMs)
          : setTimeout(callback, leftInMs);
    };
    wait(delayInMs);
    return () => clearTimeout(timer);
  },
  defer: (callback) => queueMicrotask(callback),
};

/** Good enough for timeouts and names; nothing here is a secret. */
export const systemRandom: Random = () => Math.random();
