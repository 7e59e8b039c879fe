import { describe, it } from 'vitest';
import { Collections, SingleMemberEngine } from '../src/index.js';
import { ManualClock, queueConformance } from '../src/testing/index.js';
import { startGrid } from './grid.js';

describe('over the single-member engine', () => {
  queueConformance({ describe, it }, [1], async () => {
    const clock = new ManualClock();
    const engine = new SingleMemberEngine({ clock });
    const collections = new Collections(engine, { clock });
    await collections.start();
    return {
      members: [collections],
      settled: async () => void (await engine.barrier()),
      pass: (ms) => clock.advance(ms),
      close: async () => {
        collections.close();
        await engine.stop();
      },
    };
  });
});

describe('over a grid in memory', () => {
  queueConformance({ describe, it }, [1, 3], async (count) => {
    const { clock, grid, members } = await startGrid(count);
    return {
      members,
      settled: async () => void (await Promise.all(grid.members.map((id) => grid.member(id).barrier()))),
      pass: (ms) => clock.advance(ms),
      close: async () => {
        for (const member of members) member.close();
      },
    };
  });
});
