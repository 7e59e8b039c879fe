import { beforeEach, describe, expect, it } from 'vitest';
import { Writes } from '../../src/node/writes.js';

let done: string[];
let failures: unknown[];
let writes: Writes;
beforeEach(() => {
  done = [];
  failures = [];
  writes = new Writes((error) => failures.push(error));
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('writes', () => {
  it('let an action follow once all before it are durable, in their order', async () => {
    let endFirst = (): void => {};
    const first = new Promise<void>((resolve) => {
      endFirst = resolve;
    });
    writes.after(first, () => done.push('first'));
    writes.after(Promise.resolve(), () => done.push('second'));
    writes.after(undefined, () => done.push('third'));
    await settled();
    expect([done, writes.isIdle]).toEqual([[], false]);
    endFirst();
    await settled();
    expect([done, writes.isIdle]).toEqual([['first', 'second', 'third'], true]);
  });

  it('tell of one that failed, and of an action that did', async () => {
    writes.after(Promise.reject(new Error('no space')), () => done.push('first'));
    await settled();
    writes.after(undefined, () => {
      throw new Error('a rule was broken');
    });
    await settled();
    expect(failures.map(String)).toEqual(['Error: no space', 'Error: a rule was broken']);
    expect(done).toEqual([]);
  });

  it('let nothing follow after their end', async () => {
    writes.after(Promise.resolve(), () => done.push('first'));
    writes.end();
    await settled();
    expect(done).toEqual([]);
  });
});
