import type { MemberId } from '@hamok/raft';
import { type Invariant, Violation } from './invariant.js';

/** Terms never go back, not even over a restart; commit and applied indexes never within one life; nor does log time. */
export function monotonic(): Invariant {
  const name = 'monotonic';
  const durableTerms = new Map<MemberId, number>();
  return {
    name,
    source: 'Raft paper, figure 2 and §5.1',
    onStep({ member, before, after, fresh }) {
      const says = (what: string, was: number, is: number) =>
        new Violation(name, `${member.id}: ${what} went from ${was} to ${is}`);
      const durableTerm = durableTerms.get(member.id) ?? 0;
      if (after.term < durableTerm) throw says('term', durableTerm, after.term);
      const { term: writtenTerm = 0 } = member.disk.hardState ?? {};
      if (writtenTerm > durableTerm) durableTerms.set(member.id, writtenTerm);
      for (const { index, time, term } of fresh) {
        const previous =
          index - 1 === member.core.log.base.index ? member.core.log.base : member.core.log.get(index - 1);
        if (previous && time < previous.time) throw says('log time', previous.time, time);
        if (previous && term < previous.term) throw says('entry term', previous.term, term);
      }
      if (!before) return;
      if (after.term < before.term) throw says('term', before.term, after.term);
      if (after.commitIndex < before.commitIndex) throw says('commit', before.commitIndex, after.commitIndex);
      if (after.appliedIndex < before.appliedIndex) throw says('applied', before.appliedIndex, after.appliedIndex);
    },
  };
}
