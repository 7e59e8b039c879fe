/** A bug to be planted in a copy of the core: text that occurs exactly once in a file, and what takes its place. */
export interface Mutant {
  readonly name: string;
  /** Below packages/raft/src/core/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}
