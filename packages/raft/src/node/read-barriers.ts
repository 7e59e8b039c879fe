/** A caller that waits until everything committed before its call is applied here. */
interface Barrier {
  readonly resolve: (index: number) => void;
  readonly reject: (error: Error) => void;
}

interface Round {
  readonly barriers: Barrier[];
  readonly askedAt: number;
}

/** Linearizable reads: all that wait in one turn share one question to the leader, and then wait for its index to be applied. */
export class ReadBarriers {
  #unasked: Barrier[] = [];
  readonly #asked = new Map<number, Round>();
  #applying: { index: number; barriers: Barrier[] }[] = [];
  #lastContext: number;

  /** Contexts are higher: an answer to an earlier run of this member would be too old for this one. */
  constructor(lastContext = 0) {
    this.#lastContext = lastContext;
  }

  get size(): number {
    let size = this.#unasked.length;
    for (const { barriers } of this.#asked.values()) size += barriers.length;
    for (const { barriers } of this.#applying) size += barriers.length;
    return size;
  }

  get hasUnasked(): boolean {
    return this.#unasked.length > 0;
  }

  add(barrier: Barrier): void {
    this.#unasked.push(barrier);
  }

  /** Begins a question for all that wait; returns its context. */
  ask(now: number): number {
    this.#lastContext++;
    this.#asked.set(this.#lastContext, { barriers: this.#unasked, askedAt: now });
    this.#unasked = [];
    return this.#lastContext;
  }

  /** The leader's answer; undefined: it refused, and is to be asked again. */
  answered(context: number, index: number | undefined): void {
    const round = this.#asked.get(context);
    if (!round) return;
    this.#asked.delete(context);
    if (index === undefined) this.#unasked.push(...round.barriers);
    else this.#applying.push({ index, barriers: round.barriers });
  }

  /** Questions asked before a time are asked again: they, or their answers, got lost. */
  askAgain(before: number): void {
    for (const [context, { barriers, askedAt }] of this.#asked) {
      if (askedAt > before) continue;
      this.#asked.delete(context);
      this.#unasked.push(...barriers);
    }
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
    for (const { barriers } of this.#asked.values()) all.push(...barriers);
    for (const { barriers } of this.#applying) all.push(...barriers);
    this.#unasked = [];
    this.#asked.clear();
    this.#applying = [];
    for (const { reject } of all) reject(error());
  }
}
