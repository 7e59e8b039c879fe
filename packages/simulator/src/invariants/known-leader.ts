import { about, type Invariant, Violation } from './invariant.js';

/** Whom a member takes for its leader was elected in the member's own term. */
export function knownLeader(): Invariant {
  const name = 'a leader is followed in its own term';
  const leaders = new Map<number, string>();
  return {
    name,
    source: 'Raft paper §5.1 (requests of stale terms are rejected), §5.2',
    onSend: about(['append-request'], (message) => {
      leaders.set(message.term, message.from);
    }),
    onStep({ member, after }) {
      if (after.role === 'leader') leaders.set(after.term, member.id);
      const { leader } = member.core;
      if (leader !== undefined && leaders.get(after.term) !== leader)
        throw new Violation(
          name,
          `${member.id} follows ${leader} in t${after.term}, which ${leaders.get(after.term)} leads`,
        );
    },
  };
}
