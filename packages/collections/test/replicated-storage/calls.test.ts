import { describe, expect, it } from 'vitest';
import { memoryStorage, type ReplicatedStorage, StorageUnavailableError } from '../../src/index.js';
import { startGrid } from '../grid.js';

async function storages(count: number) {
  const grid = await startGrid(count);
  const own = memoryStorage<string, number>({ id: 'own' });
  const all = grid.members.map((member, at) =>
    member.createReplicatedStorage<string, number>({ storageId: 'r', ...(at === 0 ? { storage: own } : {}) }),
  );
  await Promise.all(all.map(({ ready }) => ready));
  const at = (position: number) => all[position] ?? expect.fail();
  return { ...grid, at, own };
}

/** What became of a call, as far as it is known. */
function outcomeOf(call: Promise<unknown>): { value?: unknown; error?: unknown } {
  const outcome: { value?: unknown; error?: unknown } = {};
  call.then(
    (value) => Object.assign(outcome, { value }),
    (error) => Object.assign(outcome, { error }),
  );
  return outcome;
}

describe('a read of all entries of a replicated storage', () => {
  it('waits for the changes before it, and holds up no later call', async () => {
    const { grid, clock, at } = await storages(2);
    grid.holding = true;
    const changes = [at(1).set('a', 1), at(1).set('b', 1)];
    const reads = [at(1).size(), at(1).isEmpty(), at(1).keys()].map(outcomeOf);
    const before = grid.log.length;
    const later = at(1).set('c', 1);
    await clock.advance(10);
    expect([grid.log.length - before, reads]).toEqual([1, [{}, {}, {}]]);
    expect(await at(1).get('d')).toBeUndefined();
    grid.holding = false;
    grid.commit();
    await Promise.all([...changes, later]);
    await clock.advance(0);
    expect(reads).toEqual([{ value: 3 }, { value: false }, { value: new Set(['a', 'b', 'c']) }]);
  });
});

const reads: Record<string, (storage: ReplicatedStorage<string, number>, options: object) => Promise<unknown>> = {
  size: (storage, options) => storage.size(options),
  isEmpty: (storage, options) => storage.isEmpty(options),
  keys: (storage, options) => storage.keys(options),
  get: (storage, options) => storage.get('k', options),
  getAll: (storage, options) => storage.getAll(['k', 'l'], options),
  entries: (storage, options) => storage.entries(options).next(),
};

const changes: typeof reads = {
  set: (storage, options) => storage.set('k', 2, options),
  setAll: (storage, options) => storage.setAll([['k', 2]], options),
  insert: (storage, options) => storage.insert('k', 2, options),
  insertAll: (storage, options) => storage.insertAll([['k', 2]], options),
  delete: (storage, options) => storage.delete('k', options),
  deleteAll: (storage, options) => storage.deleteAll(['k'], options),
  evict: (storage, options) => storage.evict('k', options),
  evictAll: (storage, options) => storage.evictAll(['k'], options),
  restore: (storage, options) => storage.restore('k', 2, options),
  restoreAll: (storage, options) => storage.restoreAll([['k', 2]], options),
  clear: (storage, options) => storage.clear(options),
};

describe('a call on a replicated storage that waits for those before it', () => {
  it.each([
    ...Object.entries(reads).map(([name, call]) => [name, call, 'unavailable'] as const),
    ...Object.entries(changes).map(([name, call]) => [name, call, 'not-committed'] as const),
  ])('ends with its own time, and its signal: %s', async (_, call, code) => {
    const { grid, clock, at } = await storages(2);
    grid.holding = true;
    const waiting = at(1).set('k', 1);
    const abort = new AbortController();
    const timed = outcomeOf(call(at(1), { timeoutInMs: 500 }));
    const aborted = outcomeOf(call(at(1), { signal: abort.signal }));
    await clock.advance(499);
    expect([timed, aborted]).toEqual([{}, {}]);
    abort.abort('enough');
    await clock.advance(1);
    expect(timed.error).toMatchObject({ code, mayHaveHappened: false });
    expect(aborted.error).toMatchObject({ code, mayHaveHappened: false, cause: 'enough' });
    grid.holding = false;
    grid.commit();
    await waiting;
    await clock.advance(1000);
    expect([at(0).localGet('k'), at(0).localSize]).toEqual([1, 1]);
  });

  it('has for its change what is left of its time', async () => {
    const { grid, clock, at } = await storages(2);
    grid.holding = true;
    const first = outcomeOf(at(1).set('k', 1, { timeoutInMs: 300 }));
    const second = outcomeOf(at(1).set('k', 2, { timeoutInMs: 500 }));
    await clock.advance(499);
    expect([first.error, second]).toEqual([expect.objectContaining({ code: 'indeterminate' }), {}]);
    await clock.advance(1);
    expect(second.error).toMatchObject({ code: 'indeterminate' });
  });

  it('ends with its member', async () => {
    const { grid, clock, at, member } = await storages(2);
    grid.holding = true;
    const calls = [at(1).set('k', 1), at(1).set('k', 2), at(1).get('k'), at(1).size()].map(outcomeOf);
    await clock.advance(10);
    const failure = new Error('no space left on device');
    member(1).machine.failed(failure);
    await clock.advance(0);
    const unknown = expect.objectContaining({ code: 'indeterminate', cause: failure });
    expect(calls.map(({ error }) => error)).toEqual([unknown, failure, failure, failure]);
    await expect(at(1).get('k')).rejects.toBe(failure);
  });
});

describe('a change of a replicated storage', () => {
  it.each(Object.entries(changes))(
    'that the grid does not commit in time ends as one of a map: %s',
    async (_, call) => {
      const { grid, clock, at } = await storages(2);
      grid.holding = true;
      const change = outcomeOf(call(at(1), { timeoutInMs: 100 }));
      await clock.advance(100);
      expect(change.error).toMatchObject({ code: 'indeterminate', mayHaveHappened: true });
    },
  );

  it('ends with the storage', async () => {
    const { grid, clock, at } = await storages(2);
    grid.holding = true;
    const calls = [at(1).set('k', 1), at(1).set('k', 2), at(1).get('k'), at(1).clear()].map(outcomeOf);
    await clock.advance(10);
    await at(1).close();
    await clock.advance(0);
    const closed = (mayHaveHappened: boolean) => expect.objectContaining({ code: 'closed', mayHaveHappened });
    expect(calls.map(({ error }) => error)).toEqual([closed(true), closed(false), closed(false), closed(false)]);
  });

  it('is refused whole where one entry is too large', async () => {
    const { grid, at } = await storages(2);
    const { length } = grid.log;
    const large = 'x'.repeat(5 * 1024 * 1024);
    const batch = at(1).setAll([
      ['small', 1],
      [large, 1],
    ]);
    await expect(batch).rejects.toMatchObject({ code: 'too-large', mayHaveHappened: false });
    await expect(at(1).deleteAll(['small', large])).rejects.toMatchObject({ code: 'too-large' });
    expect([at(1).localSize, grid.log.length]).toEqual([0, length]);
  });
});

describe('copied', () => {
  it('ends with its time, and says what its storage rejects with', async () => {
    const { clock, at, own } = await storages(2);
    const { setAll } = own;
    const error = new StorageUnavailableError('no connection', false);
    own.setAll = () => Promise.reject(error);
    await at(0).set('k', 1);
    const [short, long] = [at(0).copied({ timeoutInMs: 500 }), at(0).copied()].map(outcomeOf);
    await clock.advance(500);
    const behind = { code: 'storage-failed', reason: 'storage-unavailable', cause: error, mayHaveHappened: false };
    expect([short?.error, long]).toMatchObject([behind, {}]);
    await clock.advance(4500);
    expect(long?.error).toMatchObject(behind);
    own.setAll = setAll;
    const copied = at(0).copied({ timeoutInMs: 20_000 });
    await clock.advance(20_000);
    await copied;
    expect(await own.get('k')).toBe(1);
  });

  it('ends with its signal, and with the storage', async () => {
    const { clock, at, own } = await storages(2);
    own.setAll = () => new Promise(() => undefined);
    await at(0).set('k', 1);
    const slow = outcomeOf(at(0).copied({ timeoutInMs: 500 }));
    await clock.advance(500);
    expect(slow.error).toMatchObject({ code: 'storage-failed', reason: 'timeout' });
    const abort = new AbortController();
    const aborted = at(0).copied({ signal: abort.signal });
    abort.abort('enough');
    await expect(aborted).rejects.toMatchObject({ code: 'storage-failed', reason: 'aborted', cause: 'enough' });
    await expect(at(0).copied({ signal: AbortSignal.abort('early') })).rejects.toMatchObject({ cause: 'early' });
    const closed = at(0).copied();
    await at(0).close();
    await expect(closed).rejects.toMatchObject({ code: 'closed' });
    await expect(at(0).copied()).rejects.toMatchObject({ code: 'closed' });
    await at(1).copied();
    await expect(at(1).copied({ timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option', field: 'timeoutInMs' });
  });
});
