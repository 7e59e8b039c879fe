/** Text that occurs exactly once in a file of the core, and what takes its place. */
export interface Patch {
  /** Below packages/raft/src/core/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug to be planted in a copy of the core. */
export interface Mutant extends Patch {
  readonly name: string;
  /** More places, for bugs that one place does not make. */
  readonly also?: readonly Patch[];
}
