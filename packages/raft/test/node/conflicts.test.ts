import { EventEmitter } from 'eventemitter3';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultTiming } from '../../src/core/options.js';
import type { RaftNodeEvents } from '../../src/index.js';
import { Conflicts } from '../../src/node/conflicts.js';
import { VirtualClock } from '../support/virtual-clock.js';

let clock: VirtualClock;
let told: string[];
let conflicts: Conflicts;
beforeEach(() => {
  clock = new VirtualClock();
  told = [];
  const events = new EventEmitter<RaftNodeEvents>();
  events.on('error', (error) => told.push('code' in error ? String(error.code) : error.message));
  events.on('grid-conflict', (gridIds) => told.push(gridIds.join()));
  conflicts = new Conflicts({ id: 'a', clock, timing: defaultTiming }, events);
});

describe('a conflict', () => {
  it('is told once, and again when there was another one in between', () => {
    for (const gridIds of [
      ['g', 'h'],
      ['g', 'h'],
      ['g', 'i'],
      ['g', 'h'],
    ])
      conflicts.ofGrids(gridIds);
    expect(told).toEqual(['g,h', 'grid-conflict', 'g,i', 'grid-conflict', 'g,h', 'grid-conflict']);
  });

  it('of ids is told where a refusal lasts longer than a dead process counts as alive', async () => {
    const patienceInMs = 2 * defaultTiming.followerMaxIdleInMs;
    conflicts.answered('duplicate-member');
    await clock.advance(patienceInMs);
    conflicts.answered('duplicate-member');
    expect(told).toEqual([]);
    await clock.advance(1);
    for (let i = 0; i < 2; i++) conflicts.answered('duplicate-member');
    expect(told).toEqual(['duplicate-member']);
  });

  it('of ids is no conflict where the grid answers otherwise meanwhile', async () => {
    for (const outcome of ['duplicate-member', 'pending', 'duplicate-member']) {
      conflicts.answered(outcome);
      await clock.advance(2 * defaultTiming.followerMaxIdleInMs);
    }
    conflicts.answered('duplicate-member');
    expect(told).toEqual([]);
  });
});
