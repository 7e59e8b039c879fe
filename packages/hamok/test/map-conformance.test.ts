import { mapConformance } from '@hamok/collections/testing';
import { describe, it } from 'vitest';
import { TestGrid } from './support/test-grid.js';

// The suite works on the first and the last member.
for (const position of ['first', 'last'] as const) {
  describe(`with the leader as the ${position}`, () => {
    mapConformance({ describe, it }, [3], async () => {
      const grid = new TestGrid();
      const members = await grid.joined(['a', 'b', 'c']);
      const leader = await grid.leader();
      const followers = members.filter((member) => member !== leader);
      return {
        members: position === 'first' ? [leader, ...followers] : [...followers, leader],
        settled: () => grid.settled(),
        pass: (ms) => grid.time.pass(ms),
        close: () => grid.close(),
      };
    });
  });
}

describe('alone', () => {
  mapConformance({ describe, it }, [1], async () => {
    const grid = new TestGrid();
    const members = await grid.joined(['a']);
    return { members, settled: () => grid.settled(), pass: (ms) => grid.time.pass(ms), close: () => grid.close() };
  });
});
