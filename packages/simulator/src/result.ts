/** A statement that did not hold. */
export interface Failure {
  readonly invariant: string;
  readonly message: string;
  /** The virtual time in ms that it is about, where it was noticed only later. */
  readonly about?: number | undefined;
  readonly stack: string | undefined;
  /** How everything stood when it was noticed, for readers: a line each. */
  readonly scene: readonly string[];
}

/** What one run came to. Every simulation gives one of these. */
export interface SimulationResult {
  readonly seed: number;
  /** Plain data: what the seed drew, overrides included. */
  readonly plan: object;
  readonly failure: Failure | undefined;
  /** Virtual time that passed, in ms. */
  readonly simulatedMs: number;
  readonly events: number;
  /** How often clients and operators did what, with which outcome, as `kind: outcome`. */
  readonly operations: ReadonlyMap<string, number>;
  /** Every class of faults that this simulation knows, with how often it struck; 0 for never. */
  readonly faults: ReadonlyMap<string, number>;
  /** Of the faults that are injected, the numbers of their turns in which one struck. */
  readonly strikes: readonly number[];
  /** What else is worth a figure. */
  readonly counts: ReadonlyMap<string, number>;
  /** Those that were met (see `coverage/`). */
  readonly situations: ReadonlySet<number>;
}
