import type { Entry, MemberId, Role } from '@hamok/raft';
import type { Subject } from './subject.js';

/** What one member shows at one moment. */
export interface Facts {
  readonly term: number;
  readonly vote: string | undefined;
  readonly role: Role;
  readonly baseIndex: number;
  readonly appliedIndex: number;
  readonly commitIndex: number;
  readonly lastIndex: number;
}

export interface Step {
  /** Everyone who ever was a member, the dead too. */
  readonly members: ReadonlyMap<MemberId, Subject>;
  readonly member: Subject;
  /** Undefined in the first step of a life. */
  readonly before: Facts | undefined;
  readonly after: Facts;
  /** Entries that are new in the member's log since its last step. */
  readonly fresh: readonly Entry[];
  /** The first index whose entry was replaced or taken away since the last step; Infinity for none. */
  readonly rewrittenFrom: number;
  readonly isNews: boolean;
}

interface Shadow {
  facts: Facts;
  /** The log as of the last step, from the base on. */
  entries: (Entry | undefined)[];
  steps: number;
}

/** The committed part of a log is compared in full only every so many steps; what is not committed in each. */
const fullComparisonEvery = 64;

/** Finds out what a step changed, at the cost of the uncommitted part of the log. */
export class StepObserver {
  readonly #shadows = new Map<Subject, Shadow>();

  forget(member: Subject): void {
    this.#shadows.delete(member);
  }

  observe(member: Subject, members: ReadonlyMap<MemberId, Subject>): Step {
    const after = factsOf(member);
    const shadow = this.#shadows.get(member);
    const { log } = member.core;
    if (!shadow) {
      const entries: Entry[] = [];
      for (let index = log.firstIndex; index <= log.lastIndex; index++) push(entries, log.get(index));
      this.#shadows.set(member, { facts: after, entries: [...entries], steps: 0 });
      return { members, member, before: undefined, after, fresh: entries, rewrittenFrom: Infinity, isNews: true };
    }

    const { facts: before, entries } = shadow;
    const { baseIndex, lastIndex } = after;
    const forgotten = baseIndex - before.baseIndex;
    if (forgotten > 0) entries.splice(0, forgotten);
    const isFull = shadow.steps++ % fullComparisonEvery === 0;
    const from = isFull ? baseIndex + 1 : Math.max(baseIndex, before.commitIndex) + 1;
    const fresh: Entry[] = [];
    let rewrittenFrom = Number.POSITIVE_INFINITY;
    for (let index = from; index <= lastIndex; index++) {
      const at = index - baseIndex - 1;
      const entry = log.get(index);
      if (entry === entries[at]) continue;
      if (entries[at]) rewrittenFrom = Math.min(rewrittenFrom, index);
      entries[at] = entry;
      push(fresh, entry);
    }
    const length = lastIndex - baseIndex;
    if (entries.length > length) {
      rewrittenFrom = Math.min(rewrittenFrom, lastIndex + 1);
      entries.length = length;
    }
    shadow.facts = after;
    const isNews = fresh.length > 0 || rewrittenFrom < Infinity || differ(before, after);
    return { members, member, before, after, fresh, rewrittenFrom, isNews };
  }
}

function push(entries: Entry[], entry: Entry | undefined): void {
  if (entry) entries.push(entry);
}

function factsOf({ core }: Subject): Facts {
  const { term, vote, role, log } = core;
  const { appliedIndex, commitIndex, lastIndex } = log;
  return { term, vote, role, baseIndex: log.base.index, appliedIndex, commitIndex, lastIndex };
}

function differ(a: Facts, b: Facts): boolean {
  return (
    a.term !== b.term ||
    a.vote !== b.vote ||
    a.role !== b.role ||
    a.baseIndex !== b.baseIndex ||
    a.appliedIndex !== b.appliedIndex ||
    a.commitIndex !== b.commitIndex ||
    a.lastIndex !== b.lastIndex
  );
}
