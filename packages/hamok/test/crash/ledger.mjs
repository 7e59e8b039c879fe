// What was given to the grid, and what it promised to keep.
export class Ledger {
  /** By key: the highest value that was given to the grid, and that was acknowledged. */
  #issued = new Map();
  #acknowledged = new Map();
  #count = 0;

  get acknowledged() {
    return this.#count;
  }

  issue(key, value) {
    this.#issued.set(key, value);
  }

  acknowledge(key, value) {
    this.#acknowledged.set(key, value);
    this.#count++;
  }

  /** What has to be there from now on. */
  promised() {
    return new Map(this.#acknowledged);
  }

  /** What of these promises is missing from what a member holds, or is there though nobody wrote it; undefined for nothing. */
  contradiction(promised, held) {
    for (const [key, value] of promised) {
      if (!((held.get(key) ?? -1) >= value)) return `${held.get(key)} for ${key}, and ${value} was acknowledged`;
    }
    for (const [key, value] of held) {
      if (value > (this.#issued.get(key) ?? -1)) return `${value} for ${key}, which nobody wrote`;
    }
    return undefined;
  }
}
