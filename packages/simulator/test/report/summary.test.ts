import { describe, expect, it } from 'vitest';
import { SituationSpace } from '../../src/coverage/situations.js';
import { formatSummary } from '../../src/report/summary.js';
import type { SimulationResult } from '../../src/result.js';
import { Summary } from '../../src/summary.js';

const space = new SituationSpace(
  [
    ['follower', 'leader'],
    ['', 'restoring'],
  ],
  ([role, install]) => role === 'follower' || install === '',
);
const result: SimulationResult = {
  seed: 1,
  plan: {},
  failure: undefined,
  strikes: [1, 4],
  simulatedMs: 10_000,
  events: 7,
  operations: new Map([
    ['read: answered', 90],
    ['read: refused', 10],
    ['write: busy', 20],
  ]),
  faults: new Map([
    ['drop', 5],
    ['pause', 0],
    ['storm', 2],
  ]),
  counts: new Map([['elections won', 1]]),
  situations: new Set([0]),
};

function linesOf(...results: readonly SimulationResult[]): string[] {
  const summary = new Summary(space);
  for (const each of results) summary.add(each);
  return formatSummary(summary).split('\n');
}

describe('a summary', () => {
  it('says how much was asked for, and how often faults struck', () => {
    expect(linesOf(result, result).slice(0, 2)).toEqual([
      '2 seeds, 0.01 simulated hours, 14 events',
      '12.0 operations a simulated second, a fault every 5.0 simulated seconds',
    ]);
  });

  it('names what was never met', () => {
    expect(linesOf(result)).toContain('  never met: follower, restoring');
    expect(linesOf(result)).toContain('  never met: leader');
    expect(linesOf(result)[2]).toBe(
      '1 of 3 situations of a member, 1 of them new in the last tenth of the seeds; 0 of two members at one time, 0 new',
    );
  });

  it('names what was met, though it is said to be impossible', () => {
    expect(linesOf({ ...result, situations: new Set([3]) })).toContain(
      '  met, though it should not be: leader, restoring',
    );
  });

  it('has a kind of operation a line, and the rarest faults first', () => {
    const lines = linesOf(result);
    const at = lines.indexOf('operations, by what became of them');
    expect(lines.slice(at + 1)).toEqual([
      '  read   100  answered 90, refused 10',
      '  write   20  busy 20',
      'faults, the rarest first',
      '  pause  never',
      '  storm      2',
      '  drop       5',
      'besides',
      '  elections won  1',
    ]);
  });
});
