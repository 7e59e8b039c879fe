import { describe, expect, it } from 'vitest';
import { Excerpt } from '../src/report/excerpt.js';
import { Milestones } from '../src/report/milestones.js';
import { readingBegins, readingEnds } from '../src/report/readings.js';
import type { Failure } from '../src/result.js';
import { Trace, TraceTail } from '../src/world/trace.js';

const [there, back] = [
  { from: 'a', to: 'b' },
  { from: 'b', to: 'a' },
];
const sectionsOf = (lines: readonly string[]): string[][] => {
  const starts = lines.flatMap((line, at) => (line.startsWith('---') ? [at] : []));
  return starts.map((start, at) => lines.slice(start, starts[at + 1]));
};
const withoutTimes = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^ *[\d.]+ /, ''));

describe('the tail of a trace', () => {
  it('keeps the last lines, and counts the others', () => {
    const tail = new TraceTail(2);
    const trace = new Trace(tail.sink);
    for (const text of ['one', 'two', 'three']) trace.add(1, () => text);
    expect(withoutTimes(tail.lines())).toEqual(['two', 'three']);
    expect(tail.dropped).toBe(1);
  });

  it('counts a message that repeats the one before it in its direction', () => {
    const tail = new TraceTail(10);
    const trace = new Trace(tail.sink);
    for (const now of [1, 2, 3]) {
      trace.add(now, () => 'heartbeat', there);
      trace.add(now, () => 'answer', back);
    }
    trace.add(4, () => 'news', there);
    trace.add(5, () => 'heartbeat', there);
    expect(withoutTimes(tail.lines())).toEqual([
      'heartbeat (3 times, until 3.000)',
      'answer (3 times, until 3.000)',
      'news',
      'heartbeat',
    ]);
  });

  it('shows each event that is no message, and a message again whose first is not kept any more', () => {
    const tail = new TraceTail(3);
    const trace = new Trace(tail.sink);
    trace.add(0, () => 'heartbeat', there);
    for (let now = 1; now <= 3; now++) trace.add(now, () => 'a pauses');
    trace.add(4, () => 'heartbeat', there);
    expect(withoutTimes(tail.lines())).toEqual(['a pauses', 'a pauses', 'heartbeat']);
  });
});

describe('an excerpt', () => {
  const failure: Failure = { invariant: 'linearizable queue', message: 'c got v10', stack: undefined, scene: [] };
  const excerptOf = (failed: Failure): string[] => {
    const excerpt = new Excerpt(failed, 2);
    const trace = new Trace(excerpt.sink);
    const texts = ['a pushes v10', 'a pushes v100', 'b pops', 'c pops -> v10', 'later', 'heals', 'VIOLATED: c got v10'];
    for (const [now, text] of texts.entries()) trace.add(now, () => text);
    return withoutTimes(excerpt.lines().filter((line) => line !== ''));
  };

  it('shows the course of things, the end, and what mentions the values of which the violation speaks', () => {
    const [course, ...rest] = sectionsOf(excerptOf(failure));
    expect(course?.[0]).toBe('--- the course of things');
    expect(rest.flat()).toEqual([
      '--- what happened, at last (5 earlier lines left out; --lines shows more)',
      'heals',
      'VIOLATED: c got v10',
      '--- what mentions v10',
      'a pushes v10',
      'c pops -> v10',
      'VIOLATED: c got v10',
    ]);
  });

  it('shows what went before the time that the violation is about', () => {
    const [, before] = sectionsOf(excerptOf({ ...failure, about: 3 }));
    expect(before).toEqual([
      '--- what happened until 3.000, which it is about (2 earlier lines left out; --lines shows more)',
      'b pops',
      'c pops -> v10',
    ]);
  });
});

describe('how everything was read', () => {
  const told = (...texts: readonly string[]): string[] => {
    const excerpt = new Excerpt({ invariant: 'x', message: '', stack: undefined, scene: [] }, 10);
    const trace = new Trace(excerpt.sink);
    for (const text of texts) trace.add(1, () => text, text.includes('->') ? there : undefined);
    return withoutTimes(excerpt.lines().slice(2));
  };

  it('is left out where nothing was wrong with it', () => {
    expect(told('a writes', readingBegins, 'a -> b ?1 get', 'b pauses', readingEnds, 'a -> b keep')).toEqual([
      'a writes',
      readingBegins,
      'b pauses',
      readingEnds,
      'a -> b keep',
    ]);
  });

  it('is shown where something was', () => {
    const texts = [readingBegins, 'a -> b ?1 get', 'VIOLATED one value a key'];
    expect(told(...texts)).toEqual(texts);
  });
});

it('cuts what a message carries where that is long', () => {
  const excerpt = new Excerpt({ invariant: 'x', message: '', stack: undefined, scene: [] }, 10);
  new Trace(excerpt.sink).add(1, () => 'much '.repeat(100), there);
  const [, , line = ''] = excerpt.lines();
  expect(line).toMatch(/^ {7}1\.000 much much .* … \(\d+ characters more\)$/);
  expect(line.length).toBeLessThan(260);
});

describe('an excerpt of a run that fits', () => {
  it('shows all of it, once', () => {
    const excerpt = new Excerpt({ invariant: 'x', message: 'v1 is gone', stack: undefined, scene: [] }, 10);
    const trace = new Trace(excerpt.sink);
    for (const text of ['a pushes v1', 'a crashes']) trace.add(1, () => text);
    expect(withoutTimes(excerpt.lines())).toEqual(['', '--- what happened', 'a pushes v1', 'a crashes']);
  });
});

describe('the course of things', () => {
  it('has faults, elections and changes of the members, each once, and no traffic', () => {
    const milestones = new Milestones(20);
    const trace = new Trace(milestones.sink);
    const told = [
      'a@1 crashes',
      '   b@1 LEADS t2, appends 3/2·',
      '   b@1 appends 4/2={a@1,b@1}',
      '   c@1 drops its log from 3 on, appends 3/2·',
    ];
    const traffic = [
      '   b@1 appends 5/2',
      '   c@1 appends 4/2={a@1,b@1}',
      'c#1 #7 map get(a) -> "v1"',
      '#8 set on b@1 k1=[2]',
      'b@1 is to promote c@1: learner-behind',
    ];
    for (const text of [...told, ...traffic]) trace.add(1, () => text);
    trace.add(1, () => 'b@1 (t2) sends c@1 6/2', there);
    expect(milestones.tail.lines().map((line) => line.slice(13))).toEqual(told);
  });
});
