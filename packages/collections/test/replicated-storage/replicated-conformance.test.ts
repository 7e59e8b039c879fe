import { describe, it } from 'vitest';
import { memoryStorage } from '../../src/index.js';
import { type SuiteKey, type SuiteValue, storageConformance } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';
import { runningClock } from '../running-clock.js';

for (const members of [1, 3])
  describe(`replicated storages of ${members} members`, () => {
    storageConformance(
      { describe, it },
      async () => {
        const { members: grid, clock, member } = await startGrid(members);
        const stop = runningClock(clock);
        const all = grid.map((each) => {
          const storage = memoryStorage<SuiteKey, SuiteValue>({ id: 'own' });
          return each.createReplicatedStorage<SuiteKey, SuiteValue>({ storageId: 's', storage });
        });
        await Promise.all(all.map(({ ready }) => ready));
        return {
          storage: all[members - 1] ?? member(0).createReplicatedStorage({ storageId: 's' }),
          beside: member(0).createReplicatedStorage<SuiteKey, SuiteValue>({ storageId: 'beside' }),
          close: async () => {
            for (const each of grid) each.close();
            stop();
          },
        };
      },
      { bigBatch: 2000 },
    );
  });
