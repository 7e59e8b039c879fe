/** Counts by name. */
export class Tally {
  readonly counts = new Map<string, number>();

  /** Names that are to be there even with nothing counted. */
  constructor(names: Iterable<string> = []) {
    for (const name of names) this.counts.set(name, 0);
  }

  add(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  addAll(counts: Iterable<readonly [string, number]>): void {
    for (const [name, count] of counts) this.add(name, count);
  }
}
