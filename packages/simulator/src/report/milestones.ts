import type { TraceSink } from '../world/trace.js';
import { TraceTail } from '../world/trace.js';

/** What a program asked for, and was answered: `#12 get on a@1`, `c#1 #171 line pop`. */
const isCall = /^ *[\d.]+ (\S+ )?#\d+ /;
/** What an operator asked for, and was refused. */
const isRefused = / is to .*: [a-z-]+$/;
/** Steps of a member are set in by three blanks. */
const isStep = /^ *[\d.]+ {4}/;
const isTurningPoint = /LEADS|stands in|drops its log|begins anew|: epoch \d|: takes no part$/;
const configurations = /\d+\/\d+=\{[^}]*\}/g;

/** Of a trace what changed the course of things: faults, elections, changes of the members, logs cut. Not the traffic between. */
export class Milestones {
  readonly #tail: TraceTail;
  /** Entries that change the members. */
  readonly #seen = new Set<string>();

  constructor(limit: number) {
    this.#tail = new TraceTail(limit);
  }

  readonly sink: TraceSink = (line, now, link) => {
    if (
      link !== undefined ||
      isCall.test(line) ||
      isRefused.test(line) ||
      (isStep.test(line) && !this.#isTurningPoint(line))
    )
      return;
    this.#tail.sink(line, now, link);
  };

  /** Of a change of the members only where it began, or went. */
  #isTurningPoint(line: string): boolean {
    const fresh = (line.match(configurations) ?? []).filter((text) => !this.#seen.has(text));
    for (const text of fresh) this.#seen.add(text);
    return fresh.length > 0 || isTurningPoint.test(line);
  }

  get tail(): TraceTail {
    return this.#tail;
  }
}
