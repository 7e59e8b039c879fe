import { type Configuration, idOf } from '@hamok/raft';
import { type Invariant, Violation } from './invariant.js';

/** A change adds one learner, promotes one that has caught up, or removes one member; there is always a voter, one incarnation of an id, and the most voters so far are told. */
export function validChanges(): Invariant {
  const name = 'changes are valid';
  return {
    name,
    source: 'thesis §4.1 (one server at a time), §4.2.1 (a new server catches up first); ARCHITECTURE.md, rule 5',
    onStep({ member: { id, core }, before, after, fresh }) {
      if (after.role !== 'leader' || before?.role !== 'leader' || before.term !== after.term) return;
      const { log, limits, progress } = core;
      for (const { configuration, index } of fresh) {
        if (!configuration) continue;
        const wrong = wrongWith(log.configurationAt(index - 1), configuration);
        if (wrong !== undefined) throw new Violation(name, `${id} began the change ${index}: ${wrong}`);
        const promoted = promotedBy(log.configurationAt(index - 1), configuration);
        const lag = promoted === undefined ? 0 : before.commitIndex - (progress.get(promoted)?.matchIndex ?? -1);
        if (lag > limits.maxPromotionLag)
          throw new Violation(name, `${id} promotes ${promoted}, which lacks ${lag} entries`);
      }
    },
  };
}

function wrongWith(from: Configuration, to: Configuration): string | undefined {
  const [before, after] = [from, to].map(({ voters, learners }) => [...voters, ...learners]);
  if (!before || !after || to.voters.length === 0) return 'nobody may vote';
  const added = after.filter((member) => !before.includes(member));
  const removed = before.filter((member) => !after.includes(member));
  const promoted = promotedBy(from, to);
  if (added.length + removed.length + (promoted === undefined ? 0 : 1) !== 1) return 'not one member';
  if (added.some((member) => to.voters.includes(member))) return 'a voter that was no learner';
  const [mostBefore, most] = [from, to].map(({ voters, mostVoters = voters.length }) => mostVoters);
  if (most !== Math.max(mostBefore ?? 0, to.voters.length)) return `at most ${most} voters so far, which is not so`;
  return new Set(after.map(idOf)).size < after.length ? 'two incarnations of one id' : undefined;
}

function promotedBy(from: Configuration, to: Configuration): string | undefined {
  return to.voters.find((voter) => from.learners.includes(voter));
}
