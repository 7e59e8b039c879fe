/** What happened in a run, but for faults and messages, which are counted elsewhere. */
export interface GridCounters {
  events: number;
  /** Events that reached a process. */
  steps: number;
  processes: number;
  /** Entries applied, by all members together. */
  applied: number;
  /** Calls of clients, and how they ended. */
  calls: number;
  acknowledged: number;
  refused: number;
  unknown: number;
  localReads: number;
  snapshotsTaken: number;
  snapshotsInstalled: number;
  statesCompared: number;
}

export const noCounts: Readonly<GridCounters> = {
  events: 0,
  steps: 0,
  processes: 0,
  applied: 0,
  calls: 0,
  acknowledged: 0,
  refused: 0,
  unknown: 0,
  localReads: 0,
  snapshotsTaken: 0,
  snapshotsInstalled: 0,
  statesCompared: 0,
};
