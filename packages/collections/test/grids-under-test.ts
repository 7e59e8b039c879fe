import { Collections, SingleMemberEngine } from '../src/index.js';
import type { GridUnderTest } from '../src/testing/index.js';
import { startGrid } from './grid.js';

export async function singleMember(): Promise<GridUnderTest<Collections>> {
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
}

export async function gridInMemory(count: number): Promise<GridUnderTest<Collections>> {
  const { grid, members } = await startGrid(count);
  return {
    members,
    settled: async () => void (await Promise.all(grid.members.map((id) => grid.member(id).barrier()))),
    close: async () => {
      for (const member of members) member.close();
    },
  };
}
