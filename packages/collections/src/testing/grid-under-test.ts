/** A grid over the engine that a suite is run against. */
export interface GridUnderTest<M> {
  /** Connected and ready. */
  readonly members: readonly M[];
  /** Resolves once everything that was committed before the call is applied on every member. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
