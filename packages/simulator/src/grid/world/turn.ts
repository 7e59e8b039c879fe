import { nextTick } from 'node:process';

/** What the event loop of Node.js does for the simulation. Time has no part in it. */

export function defer(callback: () => void): void {
  queueMicrotask(callback);
}

/**
 * Resolves when no microtask is left. A tick that a microtask asked for runs only when the queue of microtasks is empty, those that
 * microtasks added included, so this is complete however long the chains of promises are.
 */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    queueMicrotask(() => nextTick(resolve));
  });
}

/** Gives whatever else this process has to do its turn. */
export function turned(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
