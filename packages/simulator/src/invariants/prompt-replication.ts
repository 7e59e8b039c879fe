import { type Invariant, Violation } from './invariant.js';

/** What a follower lacks and its window allows is sent at once, and so is the commit index; it does not wait for a heartbeat. */
export function promptReplication(): Invariant {
  const name = 'nothing is sent late';
  return {
    name,
    source: 'Raft paper §5.3 (in parallel, as soon as they are appended); thesis §10.2.1',
    onLeaderStep({ member: { id, core }, after }) {
      const { log, limits, progress, configuration } = core;
      // A sole voter waits until its own term is durable.
      if (configuration.voters.length === 1 && log.persistedIndex < core.termStartIndex) return;
      // Where the bytes of all messages that may be under way fit, the largest commands included.
      const isRoomy = limits.maxInflightBytes > limits.maxInflightMessages * 4 * limits.maxBytesPerMessage;
      for (const { member, state, matchIndex, nextIndex, inflight, sentCommitIndex, probeSent } of progress.values()) {
        if (state === 'probe' && !probeSent) throw new Violation(name, `${id} does not probe ${member}`);
        if (state === 'snapshot' && matchIndex + 1 >= log.firstIndex)
          throw new Violation(name, `${id} has ${matchIndex + 1}, and lets ${member} wait for a snapshot`);
        if (state !== 'replicate') continue;
        if (inflight === 0 && limits.maxInflightMessages > 0 && nextIndex <= log.lastIndex)
          throw new Violation(name, `${id} has nothing under way to ${member}, which lacks ${nextIndex}`);
        if (isRoomy && inflight < limits.maxInflightMessages && nextIndex <= log.lastIndex)
          throw new Violation(name, `${id} has ${inflight} appends under way to ${member}, which lacks ${nextIndex}`);
        if (sentCommitIndex < Math.min(after.commitIndex, nextIndex - 1))
          throw new Violation(name, `${id} committed ${after.commitIndex} and told ${member} of ${sentCommitIndex}`);
      }
    },
  };
}
