import { Collections, SingleMemberEngine } from '../src/index.js';
import { type GridUnderTest, ManualClock } from '../src/testing/index.js';
import { startGrid } from './grid.js';

export async function singleMember(): Promise<GridUnderTest<Collections>> {
  const clock = new ManualClock();
  const engine = new SingleMemberEngine({ clock });
  const collections = new Collections(engine, { clock });
  await collections.start();
  return {
    members: [collections],
    settled: async () => void (await engine.barrier()),
    pass: (ms: number) => clock.advance(ms),
    close: async () => {
      collections.close();
      await engine.stop();
    },
  };
}

export async function gridInMemory(count: number): Promise<GridUnderTest<Collections>> {
  const { grid, clock, members } = await startGrid(count);
  return {
    members,
    settled: async () => void (await Promise.all(grid.members.map((id) => grid.member(id).barrier()))),
    pass: (ms: number) => clock.advance(ms),
    close: async () => {
      for (const member of members) member.close();
    },
  };
}
