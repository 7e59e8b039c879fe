/** Text that occurs exactly once in a file, and what takes its place. */
export interface Edit {
  /** Below packages/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug to be planted in a copy of the product. */
export interface ProductMutant {
  readonly name: string;
  readonly edits: readonly Edit[];
}
