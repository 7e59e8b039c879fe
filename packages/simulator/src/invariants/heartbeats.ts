import type { MemberId } from '@hamok/raft';
import type { Member } from '../world/member.js';
import { about, type Invariant, Violation } from './invariant.js';

/** What a leader last sent one follower, and when by its own clock. */
interface Last {
  readonly term: number;
  readonly at: number;
  readonly round: number;
  /** What the follower can commit with all that was sent. */
  readonly commit: number;
}

const toleranceInMs = 1;

/** A leader sends every follower something each heartbeat, and an append without entries only then, or to tell of a commit or of a round. */
export function heartbeats(): Invariant {
  const name = 'heartbeats break silence';
  const links = new Map<Member, Map<MemberId, Last>>();
  return {
    name,
    source: 'Raft paper §5.2 (during idle periods); LIMITS.md',
    onSend: about(['append-request', 'snapshot-request'], (message, sender) => {
      const { term, to } = message;
      const at = sender.clock.latest;
      const last = lastOf(sender, to, term);
      if (message.type === 'snapshot-request') {
        if (last) links.get(sender)?.set(to, { ...last, at });
        return;
      }
      const { round, entries, prevLogIndex, commitIndex } = message;
      const commit = Math.max(last?.commit ?? -1, Math.min(commitIndex, prevLogIndex + entries.length));
      const isProbe = sender.core.progress.get(to)?.state === 'probe';
      const isNews = isProbe || entries.length > 0 || !last || commit > last.commit || round > last.round;
      if (!isNews && at - last.at < sender.core.timing.heartbeatInMs - toleranceInMs)
        throw new Violation(name, `${sender.id} sent ${to} nothing new ${(at - last.at).toFixed(1)} ms after the last`);
      const own = links.get(sender);
      const sent: Last = { term, at, round, commit };
      if (own) own.set(to, sent);
      else links.set(sender, new Map([[to, sent]]));
    }),
    onLeaderStep({ member: { core }, member, after }) {
      const own = links.get(member as Member);
      if (!own) return;
      const { nextDeadline, timing } = core;
      for (const { member: to } of core.progress.values()) {
        const last = own.get(to);
        if (last?.term === after.term && nextDeadline > last.at + timing.heartbeatInMs + toleranceInMs)
          throw new Violation(name, `${core.self} will be silent towards ${to} for longer than a heartbeat`);
      }
    },
  };

  function lastOf(sender: Member, to: MemberId, term: number): Last | undefined {
    const last = links.get(sender)?.get(to);
    return last?.term === term ? last : undefined;
  }
}
