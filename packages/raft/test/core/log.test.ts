import { describe, expect, test } from 'vitest';
import { RaftLog } from '../../src/core/log.js';
import { encoder, entries, entry } from './grid.js';

const none = { voters: [], learners: [] };
const change = (index: number, term: number, voters: readonly string[]) => {
  const configuration = { voters, learners: [] };
  return {
    index,
    term,
    time: 0,
    kind: 'configuration' as const,
    data: encoder.configuration(configuration),
    configuration,
  };
};

function logOf(terms: readonly number[]): RaftLog {
  const log = new RaftLog(none);
  log.merge(entries(terms));
  return log;
}

function positions(log: RaftLog): string {
  const held = log.slice(log.firstIndex, Infinity, Infinity);
  return held.map(({ index, term }) => `${index}/${term}`).join(' ');
}

describe('RaftLog', () => {
  test('an empty log ends before its first entry', () => {
    const log = new RaftLog(none);
    expect(log).toMatchObject({ firstIndex: 0, lastIndex: -1, commitIndex: -1, appliedIndex: -1, persistedIndex: -1 });
    expect(log.last).toEqual({ index: -1, term: 0, time: 0 });
    expect([log.termAt(-1), log.termAt(0)]).toEqual([0, undefined]);
  });

  test('entries follow each other, and their terms never fall', () => {
    const log = logOf([1, 3]);
    expect(() => log.append(entry(3, 3))).toThrow('entry 3 appended after 1');
    expect(() => log.append(entry(2, 2))).toThrow('term 2 appended after 3');
  });

  test('what is committed is never replaced', () => {
    const log = logOf([1, 1, 1]);
    log.commitTo(1);
    expect(() => log.merge([entry(1, 2)])).toThrow('conflict at 1, which is committed (1)');
    log.merge([entry(2, 2)]);
    expect(positions(log)).toBe('0/1 1/1 2/2');
  });

  test.each([
    [9, 9, 5],
    [9, 4, 4],
    [9, 3, 2],
    [9, 1, 1],
    [1, 9, 1],
    [9, 0, -1],
  ])('the last index not above %i whose term is not above %i is %i', (index, term, expected) => {
    expect(logOf([1, 1, 2, 4, 4, 5]).lastIndexNotAbove(index, term)).toBe(expected);
  });

  test('a slice holds at least one entry, then as many as fit', () => {
    const log = new RaftLog(none);
    log.merge(['four', 'four', 'a long one', 'four'].map((data, index) => entry(index, 1, data)));
    const lengths = (from: number, most: number, bytes: number) => log.slice(from, most, bytes).length;
    expect([lengths(0, 9, 8), lengths(0, 9, 11), lengths(0, 1, 99), lengths(2, 9, 1), lengths(4, 9, 9)]).toEqual([
      2, 2, 1, 1, 0,
    ]);
  });

  test('entries are handed out for persistence once, and again from where they were replaced', () => {
    const log = logOf([1, 1, 1]);
    expect(log.takeUnstable()).toHaveLength(3);
    expect(log.takeUnstable()).toEqual([]);
    log.merge(entries([2, 2], 1));
    expect(log.takeUnstable().map(({ index, term }) => [index, term])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test('its bytes are those of the entries held', () => {
    const log = new RaftLog(none);
    log.merge([entry(0, 1, 'abc'), entry(1, 1, 'de')]);
    expect(log.bytes).toBe(5);
    log.merge([entry(1, 2, 'f')]);
    expect(log.bytes).toBe(4);
    log.commitTo(0);
    log.appliedTo(0);
    log.compactTo(0);
    expect(log.bytes).toBe(1);
  });

  test('the configuration is the latest held; compaction keeps it, truncation brings back the one before', () => {
    const log = new RaftLog({ voters: ['a'], learners: [] });
    log.merge([change(0, 1, ['a', 'b']), entry(1, 1), change(2, 1, ['b'])]);
    expect([log.configuration.voters, log.configurationIndex]).toEqual([['b'], 2]);
    expect(log.configurationAt(1).voters).toEqual(['a', 'b']);
    log.merge([entry(2, 2)]);
    expect([log.configuration.voters, log.configurationIndex]).toEqual([['a', 'b'], 0]);
    log.commitTo(1);
    log.appliedTo(1);
    log.compactTo(1);
    expect([log.configuration.voters, log.configurationIndex]).toEqual([['a', 'b'], 1]);
    log.merge([entry(3, 2)]);
  });

  test.each([
    { why: 'agrees: what follows is kept', at: { index: 1, term: 1, time: 0 }, left: '2/1 3/2' },
    { why: 'disagrees: all goes', at: { index: 2, term: 2, time: 0 }, left: '' },
    { why: 'is ahead: all goes', at: { index: 7, term: 2, time: 0 }, left: '' },
  ])('a snapshot with which the log $why', ({ at, left }) => {
    const log = logOf([1, 1, 1, 2]);
    log.restore(at, { voters: ['z'], learners: [] });
    expect(positions(log)).toBe(left);
    expect(log).toMatchObject({ base: at, commitIndex: at.index, appliedIndex: at.index });
    expect(log.persistedIndex).toBeGreaterThanOrEqual(at.index);
  });

  test('a snapshot of what is committed already is a defect of the caller', () => {
    const log = logOf([1, 1]);
    log.commitTo(1);
    expect(() => log.restore({ index: 1, term: 1, time: 0 }, none)).toThrow('snapshot 1 behind the commit 1');
  });

  test('the last removal of a member is known where it is in the log, and else not underestimated', () => {
    const log = new RaftLog({ voters: ['a', 'b', 'c'], learners: [] });
    expect(log.lastRemovalOf('b')).toBe(-1);
    log.merge([entry(0, 1), change(1, 1, ['a', 'c']), change(2, 1, ['a', 'b', 'c']), change(3, 1, ['a', 'b'])]);
    expect(['a', 'b', 'c'].map((member) => log.lastRemovalOf(member))).toEqual([-1, 1, 3]);
    log.merge([entry(3, 2), change(4, 2, ['a', 'b', 'c', 'd'])]);
    expect(['a', 'b', 'c'].map((member) => log.lastRemovalOf(member))).toEqual([-1, 1, -1]);
    log.commitTo(4);
    log.appliedTo(4);
    log.compactTo(0);
    expect(['a', 'b', 'c'].map((member) => log.lastRemovalOf(member))).toEqual([-1, 1, -1]);
    log.compactTo(3);
    expect(['a', 'b', 'c'].map((member) => log.lastRemovalOf(member))).toEqual([1, 1, 1]);
    log.restore({ index: 9, term: 2, time: 0 }, { voters: ['a'], learners: [] });
    expect(log.lastRemovalOf('b')).toBe(9);
    expect(new RaftLog({ voters: ['a'], learners: [] }, { index: 5, term: 1, time: 0 }).lastRemovalOf('b')).toBe(5);
  });
});
