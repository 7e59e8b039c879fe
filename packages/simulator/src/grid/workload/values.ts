/** Gives values like no other. */
export class Values {
  #last = 0;

  next(): string {
    return `v${++this.#last}`;
  }
}
