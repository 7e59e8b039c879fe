import type { MemberId, RaftCore } from '@hamok/raft';
import { about, type Invariant, majorityOf, Violation } from './invariant.js';

/**
 * No read waits at a leader that knows what is committed, once a majority of the voters has echoed the latest round, be it in refusing what
 * came with it: who says that its log is different says that it hears this leader.
 */
export function promptReads(): Invariant {
  const name = 'no read waits for nothing';
  /** The highest round that came back from a follower, by what the leader knows of it. */
  const heard = new WeakMap<object, number>();
  const echoed = ({ progress }: RaftCore, voter: MemberId): number => {
    const follower = progress.get(voter);
    if (!follower) return -1;
    // What a forgetful follower says counts for nothing.
    return follower.state === 'forgetful'
      ? follower.ackedRound
      : Math.max(follower.ackedRound, heard.get(follower) ?? -1);
  };
  return {
    name,
    source: 'thesis §6.4',
    onReceive: about(['append-response'], (message, { core }) => {
      if (message.term !== core.term) return;
      const follower = core.progress.get(message.from);
      if (follower && message.round > (heard.get(follower) ?? -1)) heard.set(follower, message.round);
    }),
    onLeaderStep({ member: { id, core } }) {
      if (core.pendingReads === 0 || !core.hasCommittedInTerm) return;
      const { progress, configuration } = core;
      let latest = -1;
      for (const { sentRound } of progress.values()) latest = Math.max(latest, sentRound);
      const echoes = configuration.voters.filter((voter) => voter === id || echoed(core, voter) >= latest);
      if (echoes.length >= majorityOf(configuration.voters.length))
        throw new Violation(
          name,
          `${id} lets ${core.pendingReads} reads wait, though [${echoes.join(' ')}] echoed ${latest}`,
        );
    },
  };
}
