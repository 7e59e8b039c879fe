import { nextTick } from 'node:process';

/** What the event loop of Node.js does for the simulation. Time has no part in it. */

export function defer(callback: () => void): void {
  // Costs less than queueMicrotask, which makes a resource for async_hooks of each. Whoever throws is found among the rejections.
  void done.then(callback);
}

const done = Promise.resolve();

/**
 * Resolves when no microtask is left, where a microtask asks. The tick that it asks for runs only when the queue of microtasks is empty,
 * those that microtasks added included, so this is complete however long the chains of promises are.
 */
export function drained(): Promise<void> {
  return new Promise(nextTick);
}

/**
 * Gives whatever else this process has to do its turn. A run begins behind it, and so in a microtask, whoever asked for it: one that began
 * in the callback of a message would find its first tick before the microtasks, and differ from one that a module began.
 */
export function turned(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
