import { type Invariant, Violation } from './invariant.js';

/** compacted <= snapshot <= applied <= committed <= last, and the state machine stands where the log says that it was applied. */
export function indexOrder(): Invariant {
  const name = 'index order';
  return {
    name,
    source: 'Raft paper, figure 2 and §7',
    onStep({ member, after }) {
      const { baseIndex, appliedIndex, commitIndex, lastIndex } = after;
      // The snapshot that is being restored is durable before it is applied.
      const snapshot = member.core.isInstalling ? baseIndex : member.disk.snapshot.position.index;
      if (baseIndex > snapshot || snapshot > appliedIndex || appliedIndex > commitIndex || commitIndex > lastIndex)
        throw new Violation(
          name,
          `${member.id} stands at ${[baseIndex, snapshot, appliedIndex, commitIndex, lastIndex].join(' <= ')}`,
        );
      if (member.machine.index !== appliedIndex)
        throw new Violation(name, `${member.id} applied ${member.machine.index}, says ${appliedIndex}`);
      if (member.core.log.persistedIndex > lastIndex || member.core.log.persistedIndex < baseIndex)
        throw new Violation(name, `${member.id} persisted ${member.core.log.persistedIndex} of ${lastIndex}`);
    },
  };
}
