import { describe, it } from 'vitest';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { runningClock } from '../running-clock.js';

/** The suite writes from one member, so that each key has one version. */
const merge = ([version]: readonly SuiteValue[]): SuiteValue => version ?? null;

for (const [members, backups] of [
  [1, 1],
  [3, 1],
] as const)
  describe(`federated storages of ${members} members with ${backups} backups`, () => {
    storageConformance(
      { describe, it },
      async () => {
        const { members: grid, clock, member } = await startGrid(members);
        const stop = runningClock(clock);
        const options = { storageId: 's', backups, merge };
        const all = grid.map((each) => each.createFederatedStorage<SuiteKey, SuiteValue>(options));
        await Promise.all(all.map(({ ready }) => ready));
        return {
          storage: all[members - 1] ?? member(0).createFederatedStorage(options),
          beside: member(0).createFederatedStorage<SuiteKey, SuiteValue>({ storageId: 'beside', merge }),
          close: async () => {
            await Promise.all(all.map((each) => each.close()));
            for (const each of grid) each.close();
            stop();
          },
        };
      },
      { bigBatch: 2000 },
    );
  });
