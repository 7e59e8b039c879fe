import { describe, it } from 'vitest';
import { SingleMemberEngine } from '../src/index.js';
import { engineConformance, InMemoryGrid } from '../src/testing/index.js';
import { ids } from './grid.js';

describe('the single-member engine, and the grid in memory', () => {
  engineConformance({ describe, it }, async (count) => {
    const [first = 'a@1', ...others] = ids.slice(0, count);
    const grid = new InMemoryGrid([first, ...others]);
    const engines = count === 1 ? [new SingleMemberEngine()] : grid.members.map((id) => grid.member(id));
    const catchUpBySnapshot = async (propose: () => Promise<unknown>) => {
      const last = grid.members.at(-1) ?? first;
      grid.member(last).paused = true;
      await propose();
      await grid.sendSnapshot(last);
      grid.member(last).paused = false;
    };
    return { engines, ready: async () => undefined, catchUpBySnapshot, close: async () => undefined };
  });
});
