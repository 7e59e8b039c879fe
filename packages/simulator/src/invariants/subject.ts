import type { Configuration, HardState, LogPosition, MemberId, RaftCore } from '@hamok/raft';

/** A member as the invariants see it, whatever drives its core. */
export interface Subject {
  readonly id: MemberId;
  readonly core: RaftCore;
  /** What outlives a crash. Where nothing does, what is held now: whoever forgets it does not come back as this member. */
  readonly disk: {
    readonly hardState: HardState | undefined;
    readonly snapshot: { readonly position: LogPosition; readonly configuration: Configuration };
    holds(index: number, term: number): boolean;
  };
  readonly machine: {
    /** Of the last entry whose effects it holds. */
    readonly index: number;
  };
}
