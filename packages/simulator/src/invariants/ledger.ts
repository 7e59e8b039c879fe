import type { Entry } from '@hamok/raft';
import type { Step } from './step.js';

interface Committed {
  readonly entry: Entry;
  /** The term of whoever committed it first, which is a leader. */
  readonly term: number;
}

/** What was committed, by the first member to say so. Several invariants compare others with it. */
export class Ledger {
  readonly #committed: (Committed | undefined)[] = [];

  /** The highest index that any member ever held committed. */
  get lastIndex(): number {
    return this.#committed.length - 1;
  }

  at(index: number): Committed | undefined {
    return this.#committed[index];
  }

  /** Takes down what this step committed first. Returns these indexes. */
  record({ member, after }: Step): number[] {
    const recorded: number[] = [];
    for (let index = this.#committed.length; index <= after.commitIndex; index++) {
      const entry = member.core.log.get(index);
      this.#committed.push(entry && { entry, term: after.term });
      recorded.push(index);
    }
    return recorded;
  }

  /** The last index committed in a term before `term`; -1 for none. */
  lastIndexBefore(term: number): number {
    let index = this.lastIndex;
    while (index >= 0 && (this.#committed[index]?.term ?? -1) >= term) index--;
    return index;
  }
}

/** Whether two entries are the same in everything. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return (
    a.index === b.index && a.term === b.term && a.time === b.time && a.kind === b.kind && sameBytes(a.data, b.data)
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
