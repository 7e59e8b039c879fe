import { setTimeout as delay } from 'node:timers/promises';

const pauseInMs = 20;
/** After these the same call may be made again; what it changes, it changes to the same value. */
const passing = new Set(['not-committed', 'indeterminate', 'busy']);

/** Makes calls until the grid answers them, however often a leader dies meanwhile. */
export class Persistence {
  retries = 0;

  async call<T>(change: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await change();
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.retries++;
        await delay(pauseInMs);
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && passing.has(String(error.code));
}
