import type { Configuration } from '../core/configuration.js';
import type { ProgressState } from '../core/progress.js';
import { type Counters, newCounters } from '../core/state.js';
import type { MemberId } from '../identity/member-id.js';
import type { NodeState } from './events.js';
import type { Replica } from './replica.js';

/** One follower, as its leader sees it. */
export interface FollowerReport {
  readonly member: MemberId;
  readonly state: ProgressState;
  readonly matchIndex: number;
  readonly nextIndex: number;
  /** Appends under way. */
  readonly inflight: number;
  /** How long ago it was last heard, in ms. */
  readonly silentForMs: number;
}

/** A member's own view of itself and its grid, for operators. Indexes are -1 for none. */
export interface NodeReport {
  readonly member: MemberId;
  readonly gridId: string | undefined;
  readonly state: NodeState;
  readonly term: number;
  readonly leader: MemberId | undefined;
  readonly configuration: Configuration;
  readonly log: {
    readonly firstIndex: number;
    readonly lastIndex: number;
    readonly commitIndex: number;
    readonly appliedIndex: number;
    readonly bytes: number;
  };
  /** A leader's followers; empty on others. */
  readonly followers: readonly FollowerReport[];
  readonly pendingProposals: number;
  readonly pendingReads: number;
  readonly counters: Readonly<Counters>;
}

export function nodeReport(
  member: MemberId,
  state: NodeState,
  gridId: string | undefined,
  replica: Replica | undefined,
  now: number,
): NodeReport {
  const core = replica?.core;
  const { firstIndex, lastIndex, commitIndex, appliedIndex, bytes } = core?.log ?? {
    firstIndex: 0,
    lastIndex: -1,
    commitIndex: -1,
    appliedIndex: -1,
    bytes: 0,
  };
  return {
    member,
    gridId,
    state,
    term: core?.term ?? 0,
    leader: core?.leader,
    configuration: core?.configuration ?? { voters: [], learners: [] },
    log: { firstIndex, lastIndex, commitIndex, appliedIndex, bytes },
    followers: [...(core?.progress.values() ?? [])].map((progress) => ({
      member: progress.member,
      state: progress.state,
      matchIndex: progress.matchIndex,
      nextIndex: progress.nextIndex,
      inflight: progress.inflight,
      silentForMs: now - progress.lastHeardAt,
    })),
    pendingProposals: replica?.proposals.size ?? 0,
    pendingReads: replica?.barriers.size ?? 0,
    counters: { ...(core?.counters ?? newCounters()) },
  };
}
