import type { Entry, RaftCore } from '@hamok/raft';
import { about, type Invariant, Violation } from './invariant.js';

/** What the limits say is kept: messages, windows, reads that wait, bytes that are not committed. */
export function bounds(): Invariant {
  const name = 'limits are kept';
  /** Where the appends end that were sent ahead, and are not answered, by what their leader knows of the follower. */
  const windows = new WeakMap<object, number[]>();
  return {
    name,
    source: 'thesis §10.2.1 (bounded batches and pipelines); LIMITS.md',
    onReady({ committed }, { id, core }) {
      const { maxAppliedPerReady, maxAppliedBytesPerReady } = core.limits;
      const bytes = bytesOf(committed);
      if (committed.length > maxAppliedPerReady || (committed.length > 1 && bytes > maxAppliedBytesPerReady))
        throw new Violation(name, `${id} is to apply ${committed.length} entries of ${bytes} bytes at once`);
    },
    onCompact({ id, core }, index) {
      if (core.log.base.index < index || core.log.get(index))
        throw new Violation(name, `${id} keeps what is behind ${core.log.base.index}, with a snapshot of ${index}`);
    },
    onStep({ member: { id, core }, before, after, rewrittenFrom }) {
      if (rewrittenFrom === Number.POSITIVE_INFINITY && before?.baseIndex === after.baseIndex) return;
      const held = bytesBetween(core, core.log.firstIndex, after.lastIndex + 1);
      if (core.log.bytes !== held)
        throw new Violation(name, `${id} counts ${core.log.bytes} bytes of log, and has ${held}`);
    },
    onSend: about(['append-request', 'snapshot-request'], (message, { id, core }) => {
      const progress = core.progress.get(message.to);
      const { state, matchIndex = -1 } = progress ?? {};
      if (progress && state !== 'replicate') windows.delete(progress);
      if (message.type === 'snapshot-request') return;
      const { maxEntriesPerMessage, maxBytesPerMessage, maxInflightBytes, maxInflightMessages } = core.limits;
      const { entries, to, prevLogIndex } = message;
      const first = entries[0];
      if (!first) return;
      const bytes = bytesOf(entries);
      if (entries.length > maxEntriesPerMessage || (entries.length > 1 && bytes > maxBytesPerMessage))
        throw new Violation(name, `${id} sent ${to} ${entries.length} entries of ${bytes} bytes at once`);
      if (!progress || state !== 'replicate') return;
      const ends = (windows.get(progress) ?? []).filter((end) => end > matchIndex);
      windows.set(progress, ends);
      if (ends.push(prevLogIndex + entries.length) > maxInflightMessages)
        throw new Violation(name, `${id} sent ${to} more, with ${ends.length - 1} appends under way`);
      const underWay = bytesBetween(core, matchIndex + 1, first.index);
      if (underWay >= maxInflightBytes)
        throw new Violation(name, `${id} sent ${to} more, with ${underWay} bytes under way`);
    }),
    onLeaderStep({ member: { id, core }, before, after, fresh }) {
      const { maxPendingReads, maxUncommittedBytes } = core.limits;
      if (core.pendingReads > maxPendingReads)
        throw new Violation(name, `${id} has ${core.pendingReads} reads waiting`);
      const newest = fresh.at(-1);
      if (newest?.kind !== 'command' || before?.role !== 'leader' || before.term !== after.term) return;
      const waiting = bytesBetween(core, after.commitIndex + 1, newest.index, after.term);
      if (waiting > maxUncommittedBytes)
        throw new Violation(name, `${id} took a command with ${waiting} bytes uncommitted`);
    },
  };
}

/** Of the entries from one index to before another, or of those of one term among them. */
function bytesBetween({ log }: RaftCore, from: number, to: number, term?: number): number {
  let bytes = 0;
  for (let index = from; index < to; index++) {
    const entry = log.get(index);
    if (entry && (term ?? entry.term) === entry.term) bytes += entry.data.byteLength;
  }
  return bytes;
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.byteLength;
  return bytes;
}
