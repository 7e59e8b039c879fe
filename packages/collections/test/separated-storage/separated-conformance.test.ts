import { describe, it } from 'vitest';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { runningClock } from '../running-clock.js';

for (const [members, backups] of [
  [1, 1],
  [2, 0],
  [3, 1],
  [4, 2],
] as const)
  describe(`separated storages of ${members} members with ${backups} backups`, () => {
    storageConformance(
      { describe, it },
      async () => {
        const { members: grid, clock, member } = await startGrid(members);
        const stop = runningClock(clock);
        const options = { storageId: 's', backups };
        const all = grid.map((each) => each.createSeparatedStorage<SuiteKey, SuiteValue>(options));
        await Promise.all(all.map(({ ready }) => ready));
        return {
          storage: all[members - 1] ?? member(0).createSeparatedStorage(options),
          beside: member(0).createSeparatedStorage<SuiteKey, SuiteValue>({ storageId: 'beside' }),
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
