import { expect } from 'vitest';
import type { Hold } from '../../src/index.js';
import { startGrid } from '../grid.js';

/** A lock on each of three members, the first of which leads. */
export async function startLocks(options: { readonly leaseInMs?: number } = {}) {
  const started = await startGrid(3);
  const locks = started.members.map((each) => each.createLock({ lockId: 'l', ...options }));
  await Promise.all(locks.map(({ ready }) => ready));
  const [a, b, c] = locks;
  if (a === undefined || b === undefined || c === undefined) return expect.fail();
  return { ...started, locks, a, b, c };
}

/** The value of a promise that has settled; undefined before. */
export function watched<T>(promise: Promise<T>) {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

export function reasonOf({ signal }: Hold): unknown {
  return signal.aborted ? signal.reason : undefined;
}
