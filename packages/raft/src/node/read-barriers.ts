/** A caller that waits until everything committed before its call is applied here. */
interface Barrier {
  readonly resolve: (index: number) => void;
  readonly reject: (error: Error) => void;
}

/** Linearizable reads: all that wait in one turn share one question to the leader, and then wait for its index to be applied. */
export class ReadBarriers {
  #unasked: Barrier[] = [];
  /** By context. What answers a question answers those before it as well, for it was asked later. */
  readonly #asked = new Map<number, Barrier[]>();
  #applying: { index: number; barriers: Barrier[] }[] = [];
  #lastContext: number;
  /** When the last question was asked, and whether another is to follow, since it may be lost. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #asksAgain = false;

  /** Contexts are higher: an answer to an earlier run of this member would be too old for this one. */
  constructor(lastContext = 0) {
    this.#lastContext = lastContext;
  }

  get size(): number {
    let size = this.#unasked.length;
    for (const barriers of this.#asked.values()) size += barriers.length;
    for (const { barriers } of this.#applying) size += barriers.length;
    return size;
  }

  get hasUnasked(): boolean {
    return this.#unasked.length > 0 || this.#asksAgain;
  }

  add(barrier: Barrier): void {
    this.#unasked.push(barrier);
  }

  /** Begins a question for all that wait; returns its context. */
  ask(now: number): number {
    this.#lastContext++;
    this.#asked.set(this.#lastContext, this.#unasked);
    this.#unasked = [];
    this.#askedAt = now;
    this.#asksAgain = false;
    return this.#lastContext;
  }

  /** The leader's answer; undefined: it refused, and is to be asked again. */
  answered(context: number, index: number | undefined): void {
    if (!this.#asked.has(context)) return;
    if (index === undefined) {
      // One that comes twice, or late, was followed by another question: with one more each time they would breed.
      this.#asksAgain ||= context === this.#lastContext;
      return;
    }
    const answered: Barrier[] = [];
    for (const [asked, barriers] of this.#asked) {
      if (asked > context) break;
      this.#asked.delete(asked);
      answered.push(...barriers);
    }
    this.#applying.push({ index, barriers: answered });
  }

  /** Asks again where no question was asked since: those that are open, or their answers, may be lost. One that comes late still counts. */
  askAgain(before: number): void {
    if (this.#asked.size > 0 && this.#askedAt <= before) this.#asksAgain = true;
  }

  applied(appliedIndex: number): void {
    if (this.#applying.length === 0) return;
    const done = this.#applying.filter(({ index }) => index <= appliedIndex);
    if (done.length === 0) return;
    this.#applying = this.#applying.filter(({ index }) => index > appliedIndex);
    for (const { barriers } of done) for (const barrier of barriers) barrier.resolve(appliedIndex);
  }

  abandon(error: () => Error): void {
    const all = [...this.#unasked];
    for (const barriers of this.#asked.values()) all.push(...barriers);
    for (const { barriers } of this.#applying) all.push(...barriers);
    this.#unasked = [];
    this.#asked.clear();
    this.#applying = [];
    this.#asksAgain = false;
    for (const { reject } of all) reject(error());
  }
}
