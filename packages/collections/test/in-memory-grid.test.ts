import { describe, expect, it } from 'vitest';
import type { Collections } from '../src/index.js';
import { gridOfStorages } from './grid-of-storages.js';

const create = (member: Collections) => member.createSeparatedStorage<string, number>({ storageId: 's' });

describe('a snapshot of a leader that lags behind its log', () => {
  it('has the members of the time that it is from', async () => {
    const { grid, at, clock } = await gridOfStorages(4, create);
    grid.member('b@1').paused = true;
    grid.leave('d@1');
    await clock.advance(100);
    grid.member('a@1').paused = true;
    grid.leave('c@1');
    await grid.sendSnapshot('b@1');
    expect(at(1).participants.memberIds).toEqual(['a', 'b', 'c']);
    expect(at(1).participants).toEqual(at(0).participants);
  });

  it('takes no member back that has applied more', async () => {
    const { grid, at, clock } = await gridOfStorages(3, create);
    grid.member('a@1').paused = true;
    grid.leave('c@1');
    await clock.advance(100);
    const { applied } = grid.member('b@1').status();
    grid.member('b@1').paused = true;
    await grid.sendSnapshot('b@1');
    expect(grid.member('b@1').status().applied).toBe(applied);
    expect(at(1).participants.memberIds).toEqual(['a', 'b']);
  });
});
