import { EventEmitter } from 'eventemitter3';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultTiming } from '../../src/core/options.js';
import type { RaftNodeEvents, Role } from '../../src/index.js';
import { Leadership } from '../../src/node/leadership.js';
import { VirtualClock } from '../support/virtual-clock.js';

const quorumTimeoutInMs = defaultTiming.electionTimeoutInMs + 2 * defaultTiming.followerMaxIdleInMs;

let clock: VirtualClock;
let told: string[];
let leadership: Leadership;

beforeEach(() => {
  clock = new VirtualClock();
  told = [];
  const events = new EventEmitter<RaftNodeEvents>();
  for (const event of ['follower', 'candidate', 'leader', 'quorum-lost', 'quorum-regained'] as const) {
    events.on(event, () => told.push(event));
  }
  events.on('state-changed', (state, previous) => told.push(`${previous} to ${state}`));
  events.on('leader-changed', (leader, previous) => told.push(`${previous} then ${leader}`));
  leadership = new Leadership({ clock, timing: defaultTiming }, events);
});

const observe = (role: Role, leader?: string): void => leadership.observe({ role, leader });

describe('who leads', () => {
  it('is told where it changes, by the id: pre-candidates are candidates to others', () => {
    observe('pre-candidate');
    observe('candidate');
    observe('leader', 'a@1');
    observe('leader', 'a@1');
    expect([leadership.state, leadership.leader, leadership.leaderId]).toEqual(['leader', 'a@1', 'a']);
    observe('follower', 'a@2');
    expect(told).toEqual([
      'candidate',
      'follower to candidate',
      'leader',
      'candidate to leader',
      'undefined then a',
      'follower',
      'leader to follower',
    ]);
  });

  it('is nobody at the end', () => {
    observe('leader', 'a@1');
    leadership.lose();
    expect([leadership.state, leadership.leaderId]).toEqual(['follower', undefined]);
  });
});

describe('a lost majority', () => {
  it('is told once, after an election would have ended, and so is its end', async () => {
    observe('follower');
    await clock.advance(quorumTimeoutInMs - 1);
    observe('pre-candidate');
    expect(told.splice(0)).toEqual(['candidate', 'follower to candidate']);
    await clock.advance(quorumTimeoutInMs);
    expect([told.splice(0), leadership.quorumLost]).toEqual([['quorum-lost'], true]);
    observe('candidate', 'b@1');
    expect([told.splice(0), leadership.quorumLost]).toEqual([['undefined then b', 'quorum-regained'], false]);
    observe('candidate');
    await clock.advance(quorumTimeoutInMs);
    expect(told).toEqual(['b then undefined', 'quorum-lost']);
  });

  it('is not told while there is a leader, or no grid', async () => {
    await clock.advance(quorumTimeoutInMs);
    observe('follower', 'b@1');
    await clock.advance(quorumTimeoutInMs);
    leadership.lose();
    await clock.advance(quorumTimeoutInMs);
    expect(told).toEqual(['undefined then b', 'b then undefined']);
  });

  it('is told by who came into its grid late, or into another', async () => {
    await clock.advance(quorumTimeoutInMs);
    observe('follower');
    await clock.advance(quorumTimeoutInMs);
    expect(told.splice(0)).toEqual(['quorum-lost']);
    leadership.lose();
    observe('follower');
    observe('follower', 'b@1');
    leadership.lose();
    observe('follower');
    await clock.advance(quorumTimeoutInMs);
    expect(told).toEqual(['undefined then b', 'quorum-regained', 'b then undefined', 'quorum-lost']);
  });

  it('is looked out for in a grid, and leaves no timer', () => {
    expect(clock.pending).toBe(0);
    observe('follower');
    expect(clock.pending).toBe(1);
    leadership.lose();
    expect(clock.pending).toBe(0);
  });
});
