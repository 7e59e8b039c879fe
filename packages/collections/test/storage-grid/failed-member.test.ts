import { describe, expect, it } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import { gridOfStorages, homeOf } from '../grid-of-storages.js';

type Any = SeparatedStorage<string, number> | FederatedStorage<string, number>;

const kinds = {
  separated: (member: Collections): Any => member.createSeparatedStorage<string, number>({ storageId: 's' }),
  federated: (member: Collections): Any =>
    member.createFederatedStorage<string, number>({ storageId: 's', merge: (all) => Math.max(...all) }),
};

/** What stopped the member for good: a disk, say. */
class LostDisk extends Error {
  readonly code = 'log-failed';
}

describe.each(Object.entries(kinds))('a member of a %s storage that fails', (_, create) => {
  it('ends at once the calls that wait, and says of changes that they may have been made', async () => {
    const { grid, clock, member, at } = await gridOfStorages(3, create);
    const key = Array.from({ length: 50 }, (_, n) => `k-${n}`).find((one) => homeOf(one, 3) === 'b@1') ?? expect.fail();
    grid.copiesOfFrame = () => 0;
    const changes = [at(0).set(key, 1), at(0).delete(key), at(0).clear()];
    const reads = [at(0).get(key), at(0).size(), at(0).keys()];
    const reasons: unknown[] = [];
    for (const [n, call] of [...changes, ...reads].entries()) call.catch((reason) => (reasons[n] = reason));
    await clock.advance(100);
    expect(reasons).toEqual([]);
    const failure = new LostDisk('no space left on device');
    member(0).machine.failed(failure);
    await clock.advance(0);
    // Those behind the first had not asked anybody.
    const unknown = { code: 'indeterminate', mayHaveHappened: true, cause: failure };
    expect(reasons).toEqual([expect.objectContaining(unknown), failure, failure, failure, failure, failure]);
    await expect(at(0).set(key, 2)).rejects.toBe(failure);
    await expect(at(0).get(key)).rejects.toBe(failure);
    await expect(at(0).clear()).rejects.toBe(failure);
  });
});
