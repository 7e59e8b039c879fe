import type { ManualClock } from '../src/testing/index.js';

/** Lets time pass whenever nothing else is left to do, until the returned function is called. */
export function runningClock(clock: ManualClock): () => void {
  let running = true;
  const run = async (): Promise<void> => {
    while (running) {
      await clock.advance(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  void run();
  return () => {
    running = false;
  };
}
