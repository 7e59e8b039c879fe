/** Two groups of members that do not reach each other. */
export class Partition {
  readonly #ids: ReadonlySet<string>;
  readonly #others: ReadonlySet<string> | undefined;
  readonly #oneWay: boolean;

  constructor(ids: Iterable<string>, others: Iterable<string> | undefined, oneWay: boolean) {
    this.#ids = new Set(ids);
    this.#others = others && new Set(others);
    this.#oneWay = oneWay;
  }

  blocks(from: string, to: string): boolean {
    return this.#separates(from, to) || (!this.#oneWay && this.#separates(to, from));
  }

  #separates(from: string, to: string): boolean {
    return this.#ids.has(from) && (this.#others?.has(to) ?? !this.#ids.has(to));
  }
}
