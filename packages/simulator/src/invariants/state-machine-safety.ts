import type { Entry, MemberId } from '@hamok/raft';
import { describeEntry } from '../report/entry.js';
import { type Invariant, Violation } from './invariant.js';

/** Who reached an index first, and how. */
interface First {
  readonly member: MemberId;
  readonly index: number;
  /** Undefined where it restored a snapshot. */
  readonly entry: Entry | undefined;
  readonly digest: number;
}

/** If a member has applied an entry at an index, no other member ever applies a different one there. */
export function stateMachineSafety(): Invariant {
  const name = 'state machine safety';
  const firsts: First[] = [];
  return {
    name,
    source: 'Raft paper, figure 3; §5.4.3',
    onApply(member, index) {
      const { digest } = member.machine;
      const first = firsts[index];
      if (first?.digest === digest) return;
      const own: First = { member: member.id, index, entry: member.core.log.get(index), digest };
      if (first) throw new Violation(name, `${describe(own)}, where ${describe(first)}`);
      firsts[index] = own;
    },
  };
}

function describe({ member, index, entry }: First): string {
  return `${member} applied ${entry ? describeEntry(entry) : `a snapshot up to ${index}`}`;
}
