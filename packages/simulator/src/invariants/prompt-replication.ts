import type { Member } from '../world/member.js';
import { about, type Invariant, Violation } from './invariant.js';

/**
 * What a follower lacks and its window allows is sent at once, as much as fits, and so is the commit index; it does not wait for a heartbeat,
 * nor for a snapshot where the log still has it. Who restored a snapshot says so at once.
 */
export function promptReplication(): Invariant {
  const name = 'nothing is sent late';
  /** How far the follower can commit by what it was sent, by what its leader knows of it. */
  const told = new WeakMap<object, number>();
  const restored = new Map<Member, number>();
  return {
    name,
    source: 'Raft paper §5.3 (in parallel, as soon as they are appended); thesis §10.2.1',
    onApply(member, index) {
      if (index > member.core.log.commitIndex) restored.set(member, index);
    },
    onReady({ messagesAfterPersist }, member) {
      if (restored.size === 0) return;
      const index = restored.get(member) ?? Number.POSITIVE_INFINITY;
      const isSaid = messagesAfterPersist.some(
        (message) => message.type === 'append-response' && message.success && message.matchIndex >= index,
      );
      if (isSaid) restored.delete(member);
    },
    onTurn(member) {
      if (restored.size > 0 && restored.delete(member) && member.core.leader !== undefined)
        throw new Violation(name, `${member.id} restored a snapshot, and does not tell ${member.core.leader}`);
    },
    onSend: about(['append-request'], (message, { id, core }) => {
      const { to, prevLogIndex, entries, commitIndex } = message;
      const progress = core.progress.get(to);
      const lastIndex = prevLogIndex + entries.length;
      if (progress) told.set(progress, Math.max(told.get(progress) ?? -1, Math.min(commitIndex, lastIndex)));
      const next = entries.length > 0 ? core.log.get(lastIndex + 1) : undefined;
      if (!next || entries.length >= core.limits.maxEntriesPerMessage) return;
      const bytes = entries.reduce((sum, { data }) => sum + data.byteLength, next.data.byteLength);
      if (bytes <= core.limits.maxBytesPerMessage)
        throw new Violation(name, `${id} sent ${to} entries up to ${lastIndex}, where one more would fit`);
    }),
    onLeaderStep({ member: { id, core }, after }) {
      const { log, limits, progress, configuration } = core;
      // A sole voter waits until its own term is durable.
      if (configuration.voters.length === 1 && log.persistedIndex < core.termStartIndex) return;
      // Where the bytes of all messages that may be under way fit, the largest commands included.
      const isRoomy = limits.maxInflightBytes > limits.maxInflightMessages * 4 * limits.maxBytesPerMessage;
      for (const known of progress.values()) {
        const { member, state, matchIndex, nextIndex, inflight, probeSent } = known;
        if (state === 'probe' && !probeSent) throw new Violation(name, `${id} does not probe ${member}`);
        if (state === 'snapshot' && matchIndex + 1 >= log.firstIndex)
          throw new Violation(name, `${id} has ${matchIndex + 1}, and lets ${member} wait for a snapshot`);
        if (state !== 'replicate') continue;
        if (inflight === 0 && limits.maxInflightMessages > 0 && nextIndex <= log.lastIndex)
          throw new Violation(name, `${id} has nothing under way to ${member}, which lacks ${nextIndex}`);
        if (isRoomy && inflight < limits.maxInflightMessages && nextIndex <= log.lastIndex)
          throw new Violation(name, `${id} has ${inflight} appends under way to ${member}, which lacks ${nextIndex}`);
        if ((told.get(known) ?? -1) < Math.min(after.commitIndex, nextIndex - 1))
          throw new Violation(name, `${id} committed ${after.commitIndex} and told ${member} of ${told.get(known)}`);
      }
    },
  };
}
