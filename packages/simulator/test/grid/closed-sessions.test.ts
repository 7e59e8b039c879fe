import { type Configuration, type Entry, RaftCore } from '@hamok/raft';
import { beforeEach, expect, it } from 'vitest';
import { ClosedSessions } from '../../src/grid/invariants/closed-sessions.js';

let sessions: ClosedSessions;
let index: number;

beforeEach(() => {
  sessions = new ClosedSessions();
  index = 0;
});

/** A member applies the next change. */
function applies(member: string, voters: readonly string[], learners: readonly string[] = []): void {
  const configuration: Configuration = { voters, learners };
  const data = new Uint8Array();
  const entry: Entry = { index: index++, term: 1, time: 0, kind: 'configuration', data, configuration };
  sessions.onApplied({ gridId: 'grid', member, name: member, core: undefined, world: { processes: [] } }, entry);
}

it('speaks where an incarnation is let in again that knew that it was a member', () => {
  applies('b@1', ['a@1', 'b@1']);
  applies('a@1', ['a@1']);
  expect(() => applies('a@1', ['a@1'], ['b@1'])).toThrow('b@1 is in the grid again by the entry 2');
});

it('is silent where another incarnation comes, or one that never knew', () => {
  applies('b@1', ['a@1', 'b@1']);
  applies('a@1', ['a@1'], ['c@1']);
  applies('a@1', ['a@1'], ['b@2']);
  expect(() => applies('a@1', ['a@1'], ['b@2', 'c@1'])).not.toThrow();
});

it('speaks where a founder is let in again', () => {
  const configuration: Configuration = { voters: ['a@1', 'b@1'], learners: [] };
  const encoder = { noOp: new Uint8Array(), configuration: () => new Uint8Array() };
  const core = new RaftCore({ self: 'b@1', configuration, random: () => 0, encoder, now: 0 });
  sessions.onStep({ gridId: 'grid', member: 'b@1', name: 'b', core, world: { processes: [] } });
  applies('a@1', ['a@1']);
  expect(() => applies('a@1', ['a@1'], ['b@1'])).toThrow('b@1 is in the grid again by the entry 1');
});
