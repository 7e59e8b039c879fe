import type { Failure } from '../result.js';
import { type TraceSink, TraceTail } from '../world/trace.js';
import { Milestones } from './milestones.js';
import { Readings } from './readings.js';

/** Values that programs write, their keys and calls, and entries as index/term. */
const nameable = /\bv\d+\b|\bk\d+\b|(?<!\w)#\d+\b|(?<![@\w])\d+\/\d+\b/g;
const namesSought = 3;
const mentionsShown = 40;
const linesAtTheEnd = 20;
const milestonesShown = 40;
/** Characters of a line that are shown. */
const longest = 220;
/** Of whole members: what is sent in any case, and taken in without a word. */
const isRoutine = /heartbeat term|append entries response .*success true|hello notification/;

/**
 * Of a trace, what a reader needs who looks for the cause of a violation: the course of things from the beginning; the last lines, and
 * where it is about an earlier time, those before that; and whatever mentions the values, keys, calls or entries that it names.
 */
export class Excerpt {
  readonly #course = new Milestones(milestonesShown);
  readonly #before: TraceTail;
  readonly #end: TraceTail;
  readonly #mentions = new TraceTail(mentionsShown);
  readonly #names: readonly string[];
  readonly #pattern: RegExp;

  /** @param lines how many to show before the time that the violation is about */
  constructor(
    private readonly failure: Failure | undefined,
    lines: number,
  ) {
    const [summary = ''] = failure?.message.split('\n') ?? [];
    this.#names = [...new Set(summary.match(nameable))].slice(0, namesSought);
    this.#pattern = new RegExp(`(?<![\\w/])(${this.#names.join('|')})(?![\\w/])`);
    this.#before = new TraceTail(lines);
    this.#end = new TraceTail(failure?.about === undefined ? lines : linesAtTheEnd);
  }

  readonly #readings = new Readings((line, now, link) => this.#take(line, now, link));

  readonly sink: TraceSink = this.#readings.sink;

  #take(line: string, now: number, link: string | undefined): void {
    const { about = -1 } = this.failure ?? {};
    if (link !== undefined && isRoutine.test(line)) return;
    this.#course.sink(line, now, link);
    if (now <= about) this.#before.sink(line, now, link);
    else this.#end.sink(line, now, link);
    if (this.#names.length > 0 && this.#pattern.test(line)) this.#mentions.sink(line, now, link);
  }

  lines(): string[] {
    this.#readings.end();
    const { about } = this.failure ?? {};
    if (about === undefined && this.#end.dropped === 0) return section('what happened', this.#end);
    const names = this.#names.join(', ');
    return [
      ...section('the course of things', this.#course.tail),
      ...(about === undefined
        ? []
        : section(`what happened until ${about.toFixed(3)}, which it is about`, this.#before)),
      ...section('what happened, at last', this.#end),
      ...(names === '' ? [] : section(`what mentions ${names}`, this.#mentions)),
    ];
  }
}

function section(title: string, tail: TraceTail): string[] {
  const left = tail.dropped > 0 ? ` (${tail.dropped} earlier lines left out; --lines shows more)` : '';
  return ['', `--- ${title}${left}`, ...tail.lines().map(shortened)];
}

/** What a message carries may go on and on. */
function shortened(line: string): string {
  return line.length > longest ? `${line.slice(0, longest)} … (${line.length - longest} characters more)` : line;
}
