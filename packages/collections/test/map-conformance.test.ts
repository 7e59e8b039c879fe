import { describe, it } from 'vitest';
import { Collections, SingleMemberEngine } from '../src/index.js';
import { mapConformance } from '../src/testing/index.js';
import { startGrid } from './grid.js';

describe('over the single-member engine', () => {
  mapConformance({ describe, it }, [1], async () => {
    const engine = new SingleMemberEngine();
    const collections = new Collections(engine);
    await collections.start();
    return {
      members: [collections],
      settled: async () => void (await engine.barrier()),
      close: async () => {
        collections.close();
        await engine.stop();
      },
    };
  });
});

describe('over a grid in memory', () => {
  mapConformance({ describe, it }, [1, 3], async (count) => {
    const { grid, members } = await startGrid(count);
    return {
      members,
      settled: async () => void (await Promise.all(grid.members.map((id) => grid.member(id).barrier()))),
      close: async () => {
        for (const member of members) member.close();
      },
    };
  });
});
