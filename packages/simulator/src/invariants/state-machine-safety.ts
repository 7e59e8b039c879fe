import { describeEntry } from '../report/entry.js';
import { type Invariant, Violation } from './invariant.js';

/** If a member has applied an entry at an index, no other member ever applies a different one there. */
export function stateMachineSafety(): Invariant {
  const name = 'state machine safety';
  const firsts: { readonly digest: number; readonly applied: string }[] = [];
  return {
    name,
    source: 'Raft paper, figure 3; §5.4.3',
    onApply(member, index) {
      const { digest } = member.machine;
      const first = firsts[index];
      if (first?.digest === digest) return;
      const entry = member.core.log.get(index);
      const applied = `${member.id} applied ${entry ? describeEntry(entry) : `a snapshot up to ${index}`}`;
      if (first) throw new Violation(name, `${applied}, where ${first.applied}`);
      firsts[index] = { digest, applied };
    },
  };
}
