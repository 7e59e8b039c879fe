import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  type Collections,
  FederatedStorage,
  type HamokError,
  memoryStorage,
  ReplicatedStorage,
  type SeparatedStorage,
} from '../src/index.js';
import { gridOfStorages, homeOf } from './grid-of-storages.js';

type Any = SeparatedStorage<string, number> | FederatedStorage<string, number> | ReplicatedStorage<string, number>;
interface Wait {
  readonly signal?: AbortSignal;
  readonly timeoutInMs?: number;
}
type Call = (storage: Any, wait: Wait) => Promise<unknown>;

/** A key whose home is a member that does not answer. */
const key = Array.from({ length: 50 }, (_, n) => `k-${n}`).find((one) => homeOf(one, 3) === 'b@1') ?? expect.fail();

const reads: Record<string, Call> = {
  size: (storage, wait) => storage.size(wait),
  isEmpty: (storage, wait) => storage.isEmpty(wait),
  keys: (storage, wait) => storage.keys(wait),
  get: (storage, wait) => storage.get(key, wait),
  getAll: (storage, wait) => storage.getAll([key, 'other'], wait),
  entries: (storage, wait) => storage.entries(wait).next(),
};

const changes: Record<string, Call> = {
  set: (storage, wait) => storage.set(key, 1, wait),
  setAll: (storage, wait) => storage.setAll([[key, 1]], wait),
  insert: (storage, wait) => storage.insert(key, 1, wait),
  insertAll: (storage, wait) => storage.insertAll([[key, 1]], wait),
  delete: (storage, wait) => storage.delete(key, wait),
  deleteAll: (storage, wait) => storage.deleteAll([key], wait),
  evict: (storage, wait) => storage.evict(key, wait),
  evictAll: (storage, wait) => storage.evictAll([key], wait),
  restore: (storage, wait) => storage.restore(key, 1, wait),
  restoreAll: (storage, wait) => storage.restoreAll([[key, 1]], wait),
  clear: (storage, wait) => storage.clear(wait),
};

const federated = (storage: Any): FederatedStorage<string, number> =>
  storage instanceof FederatedStorage ? storage : expect.fail();

interface Kind {
  readonly create: (member: Collections) => Any;
  readonly reads?: Record<string, Call>;
  readonly changes?: Record<string, Call>;
}

const stuckStorage = () => {
  const own = memoryStorage<string, number>({ id: 'own' });
  return Object.assign(own, { setAll: () => new Promise<never>(() => undefined) });
};

const kinds: Record<string, Kind> = {
  separated: { create: (member) => member.createSeparatedStorage<string, number>({ storageId: 's' }) },
  federated: {
    create: (member) =>
      member.createFederatedStorage<string, number>({ storageId: 's', merge: (all) => Math.max(...all) }),
    reads: { versions: (storage, wait) => federated(storage).versions(key, wait) },
    changes: { update: (storage, wait) => federated(storage).update(key, (own = 0) => own + 1, wait) },
  },
  replicated: {
    create: (member) => member.createReplicatedStorage<string, number>({ storageId: 's', storage: stuckStorage() }),
    reads: {
      copied: (storage, wait) => (storage instanceof ReplicatedStorage ? storage.copied(wait) : expect.fail()),
    },
  },
};

/** What a call may say that has no answer; `storage-failed` where its member's own storage has not answered. */
const readCodes = ['unavailable', 'missing-members', 'storage-failed'];
const changeCodes = ['not-committed', 'indeterminate', 'missing-members'];

/** What a call was rejected with, and when, once that is known. */
function rejectionOf(call: Promise<unknown>, clock: { now(): number }) {
  const begun = clock.now();
  const rejection: { error?: HamokError; afterInMs?: number } = {};
  call.then(
    () => expect.fail('it resolved'),
    (error) => Object.assign(rejection, { error, afterInMs: clock.now() - begun }),
  );
  return rejection;
}

for (const [name, { create, reads: others = {}, changes: otherChanges = {} }] of Object.entries(kinds))
  describe(`each call of a ${name} storage, where no other member answers`, () => {
    const cases = [
      ...Object.entries({ ...reads, ...others }).map(([what, call]) => [what, call, readCodes] as const),
      ...Object.entries({ ...changes, ...otherChanges }).map(([what, call]) => [what, call, changeCodes] as const),
    ];
    it.each(cases)('ends in its time, and with its signal: %s', async (_, call, codes) => {
      const { grid, clock, at, now } = await gridOfStorages(3, create);
      const storage = at(0);
      await now(storage.set('there', 1));
      grid.copiesOfFrame = () => 0;
      grid.holding = true;
      // What is in the log, or on its way to others, has no outcome from here on.
      if (storage instanceof ReplicatedStorage)
        storage.set(key, 0, { timeoutInMs: Number.POSITIVE_INFINITY }).catch(() => undefined);
      await clock.advance(0);
      const asked = { frames: 0, entries: grid.log.length };
      grid.copiesOfFrame = () => {
        asked.frames++;
        return 0;
      };

      const { signal } = new AbortController();
      await expect(call(storage, { signal, timeoutInMs: -1 })).rejects.toMatchObject({ field: 'timeoutInMs' });
      const early = rejectionOf(call(storage, { signal: AbortSignal.abort('early') }), clock);
      await clock.advance(0);
      expect([early.error?.mayHaveHappened, early.error?.cause, codes]).toEqual([
        false,
        'early',
        expect.arrayContaining([early.error?.code]),
      ]);
      expect([asked.frames, grid.log.length]).toEqual([0, asked.entries]);

      const abort = new AbortController();
      const aborted = rejectionOf(call(storage, { signal: abort.signal }), clock);
      const timed = rejectionOf(call(storage, { signal, timeoutInMs: 300 }), clock);
      const byDefault = rejectionOf(call(storage, { signal }), clock);
      await clock.advance(100);
      expect([aborted, timed, byDefault]).toEqual([{}, {}, {}]);
      abort.abort('enough');
      await clock.advance(0);
      expect(aborted).toMatchObject({ error: { cause: 'enough' }, afterInMs: 100 });
      await clock.advance(5000);
      expect([timed.afterInMs, byDefault.afterInMs]).toEqual([300, 5000]);
      for (const { error } of [aborted, timed, byDefault]) {
        expect(codes).toContain(error?.code);
        if (codes === readCodes) expect(error?.mayHaveHappened).toBe(false);
      }
      for (const each of [signal, abort.signal]) expect(getEventListeners(each, 'abort')).toEqual([]);
    });
  });

describe('a call that is answered at once', () => {
  it.each(Object.entries(kinds))('leaves nothing at its signal: %s', async (_, { create }) => {
    const { at, now } = await gridOfStorages(3, create);
    const { signal } = new AbortController();
    await now(at(0).set('there', 1, { signal }));
    await now(at(0).get('there', { signal }));
    await now(at(0).setAll([], { signal }));
    await now(at(0).getAll([], { signal }));
    await expect(at(0).set(1n as never, 1, { signal })).rejects.toMatchObject({ code: 'codec' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
