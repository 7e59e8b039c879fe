/** A grid over the engine that a suite is run against. */
export interface GridUnderTest<M> {
  /** Connected and ready. */
  readonly members: readonly M[];
  /** Resolves once everything that was committed before the call is applied on every member. */
  settled(): Promise<void>;
  /** Resolves once so many ms have passed for the engine and the members. Without it, what becomes due is not tested. */
  pass?(ms: number): Promise<void>;
  close(): Promise<void>;
}
