import { beforeEach, describe, expect, it } from 'vitest';
import { type Configuration, type Entry, memberId, RaftCore } from '../../src/index.js';
import { Applier } from '../../src/node/applier.js';
import { Proposals } from '../../src/node/proposals.js';
import { entryEncoder } from '../../src/wire/entries.js';

const [a, b, c] = [memberId('a', 1), memberId('b', 1), memberId('c', 1)];
const founders: Configuration = { voters: [a, b], learners: [] };
const withLearner: Configuration = { voters: [a, b], learners: [c] };
const data = new Uint8Array(1);
const entries: readonly Entry[] = [
  { index: 0, term: 1, time: 0, kind: 'command', data },
  { index: 1, term: 1, time: 0, kind: 'configuration', data, configuration: withLearner },
  { index: 2, term: 1, time: 0, kind: 'command', data },
];

/** What the machine and the observer were told, in order. */
let told: string[];
let applier: Applier;
let committed: readonly Entry[];
let onCommitted: (index: number) => void;

/** A follower that heard that all of its log is committed, and has applied nothing yet. */
function begin(known?: Configuration): void {
  const stored = { entries, hardState: { term: 1, vote: undefined } };
  const core = new RaftCore({
    self: a,
    configuration: founders,
    encoder: entryEncoder,
    now: 0,
    random: () => 0.5,
    ...stored,
  });
  const heartbeat = { type: 'append-request', from: b, to: a, term: 1, commitIndex: 2, round: 0, entries: [] } as const;
  core.step({ ...heartbeat, prevLogIndex: 2, prevLogTerm: 1 }, 0);
  committed = core.ready()?.committed ?? [];
  applier = new Applier({
    core,
    proposals: new Proposals(),
    machine: {
      apply: ({ index }) => told.push(`apply ${index}`),
      membersChanged: ({ index, joined, left }) => told.push(`members at ${index}: +${joined} -${left}`),
      leading: (term) => told.push(`leading ${term}`),
    },
    observer: {
      configurationApplied: (joined, left) => told.push(`configuration: +${joined} -${left}`),
      committed: ({ index }) => {
        told.push(`committed ${index}`);
        onCommitted(index);
      },
    },
    ...(known ? { known } : {}),
  });
}

beforeEach(() => {
  told = [];
  onCommitted = () => {};
});

describe('what is applied', () => {
  it('is told in the order of the log, changes of members among the commands', () => {
    begin(founders);
    applier.apply(committed);
    expect(told).toEqual([
      'apply 0',
      'committed 0',
      `members at 1: +${c} -`,
      `configuration: +${c} -`,
      'committed 1',
      'apply 2',
      'committed 2',
    ]);
    expect(applier.configuration).toEqual(withLearner);
  });

  it('is told no further than to its end, also from within', () => {
    begin(founders);
    onCommitted = () => applier.stop();
    applier.apply(committed);
    applier.lead(1);
    expect(told).toEqual(['apply 0', 'committed 0']);
  });
});

describe('the members', () => {
  it('are told to a machine that knows of none, and to the observer in any case', () => {
    begin();
    applier.start();
    expect(told.splice(0)).toEqual([`members at -1: +${a},${b} -`, `configuration: +${a},${b} -`]);
    begin(founders);
    applier.start();
    expect(told).toEqual([`configuration: +${a},${b} -`]);
  });

  it('that came with a snapshot are not told to the machine once more', () => {
    begin(founders);
    applier.restored({ voters: [a, c], learners: [] });
    expect(told).toEqual([`configuration: +${c} -${b}`]);
  });
});

describe('leadership', () => {
  it('is told once each time it changes, and ends with it all', () => {
    begin(founders);
    for (const term of [undefined, 1, 1, undefined, 3]) applier.lead(term);
    applier.stop();
    expect(told).toEqual(['leading 1', 'leading undefined', 'leading 3', 'leading undefined']);
  });
});
