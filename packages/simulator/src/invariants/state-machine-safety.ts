import { type Invariant, Violation } from './invariant.js';

/** If a member has applied an entry at an index, no other member ever applies a different one there. */
export function stateMachineSafety(): Invariant {
  const name = 'state machine safety';
  const digests: number[] = [];
  return {
    name,
    source: 'Raft paper, figure 3; §5.4.3',
    onApply(member, index) {
      const { digest } = member.machine;
      const first = digests[index];
      if (first === undefined) digests[index] = digest;
      else if (first !== digest) throw new Violation(name, `${member.id} applied something else up to ${index}`);
    },
  };
}
