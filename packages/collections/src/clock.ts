/** The only way time reaches this package. A simulator, or a test, passes its own. */
export interface Clock {
  /** Monotonic time in ms, with fractions. Its origin means nothing. */
  now(): number;
  /** Calls back once, after at least `delayInMs`. The returned function cancels it. */
  setTimer(callback: () => void, delayInMs: number): () => void;
  /** Calls back once, after the running code and before any I/O or timer. */
  defer(callback: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delayInMs) => {
    const timer = setTimeout(callback, delayInMs);
    return () => clearTimeout(timer);
  },
  defer: (callback) => queueMicrotask(callback),
};
