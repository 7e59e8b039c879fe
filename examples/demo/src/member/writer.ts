import { setTimeout as delay } from 'node:timers/promises';

const pauseInMs = 1;

/** One caller that writes and writes, until it is stopped. */
export class Writer {
  #stopped = false;

  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when the last write is acknowledged. */
  async run(write: (n: number) => Promise<void>): Promise<{ writes: number; longestWaitInMs: number }> {
    let writes = 0;
    let longestWaitInMs = 0;
    while (!this.#stopped) {
      const begin = performance.now();
      await write(writes++);
      longestWaitInMs = Math.max(longestWaitInMs, performance.now() - begin);
      await delay(pauseInMs);
    }
    return { writes, longestWaitInMs };
  }
}
