import type { Entry } from '@hamok/raft';
import { type Invariant, Violation } from './invariant.js';

/** What the limits say is kept: messages, windows, reads that wait, bytes that are not committed. */
export function bounds(): Invariant {
  const name = 'limits are kept';
  return {
    name,
    source: 'thesis §10.2.1 (bounded batches and pipelines); LIMITS.md',
    onSend(message, { id, core }) {
      if (message.type !== 'append-request') return;
      const { maxEntriesPerMessage, maxBytesPerMessage } = core.limits;
      const { entries, to } = message;
      const bytes = bytesOf(entries);
      if (entries.length > maxEntriesPerMessage || (entries.length > 1 && bytes > maxBytesPerMessage))
        throw new Violation(name, `${id} sent ${to} ${entries.length} entries of ${bytes} bytes at once`);
    },
    onLeaderStep({ member: { id, core }, before, after, fresh }) {
      const { maxInflightMessages, maxPendingReads, maxUncommittedBytes } = core.limits;
      for (const { member, inflight } of core.progress.values())
        if (inflight > maxInflightMessages)
          throw new Violation(name, `${id} has ${inflight} appends under way to ${member}`);
      if (core.pendingReads > maxPendingReads)
        throw new Violation(name, `${id} has ${core.pendingReads} reads waiting`);
      const newest = fresh[fresh.length - 1];
      if (newest?.kind !== 'command' || before?.role !== 'leader' || before.term !== after.term) return;
      const waiting: Entry[] = [];
      for (let index = after.commitIndex + 1; index < newest.index; index++) {
        const entry = core.log.get(index);
        if (entry?.term === after.term) waiting.push(entry);
      }
      if (bytesOf(waiting) > maxUncommittedBytes)
        throw new Violation(name, `${id} took a command with ${bytesOf(waiting)} bytes uncommitted`);
    },
  };
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { data }) => sum + data.byteLength, 0);
}
