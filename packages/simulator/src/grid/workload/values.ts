/** Keys that clients work on. */
export const keys = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Gives values like no other. */
export class Values {
  #last = 0;

  next(): string {
    return `v${++this.#last}`;
  }
}
