/** What happened in a run, but for faults, messages and operations, which are counted elsewhere. */
export interface GridCounters {
  events: number;
  /** Events that reached a process. */
  steps: number;
  processes: number;
  /** Entries applied, by all members together. */
  applied: number;
  /** That programs made, so that traces can number them. */
  calls: number;
  localReads: number;
  snapshotsInstalled: number;
  statesCompared: number;
  undecidedHistories: number;
  /** How often a member met another grid. */
  conflicts: number;
}

export const noCounts: Readonly<GridCounters> = {
  events: 0,
  steps: 0,
  processes: 0,
  applied: 0,
  calls: 0,
  localReads: 0,
  snapshotsInstalled: 0,
  statesCompared: 0,
  undecidedHistories: 0,
  conflicts: 0,
};
