import { type Participant, View } from './view.js';

/**
 * Who has gone since all copies were in their places. Where those can be all who had something of an entry, nobody is left who knows its
 * key, and only that can be told. Goes on where this member takes part anew: what others were told it may be the last to know.
 */
export class UnnamedLosses {
  /** Since the last one in which everybody had said that all copies are in their places, that one first. */
  #views: View[] = [];
  /** Who has said so of the latest one. */
  readonly #settled = new Set<Participant>();

  constructor(
    private readonly backups: number,
    /** These may have had all copies of some entries. */
    private readonly report: (gone: readonly Participant[]) => void,
  ) {}

  /** This member takes part from this view on, with nothing. */
  begin(view: View, self: Participant): void {
    const isKnown = this.#views.some((former) => former.participants.some((one) => view.has(one)));
    // Who is left of those who took part with it tells of the others; and nobody else has something of what there was before.
    if (isKnown || this.#views.length === 0) {
      const others = view.participants.filter((one) => one !== self);
      this.#views = [new View(view.epoch, others)];
    }
    this.viewChanged(view);
  }

  viewChanged(view: View): void {
    const before = this.#views.at(-1);
    this.#settled.clear();
    if (before?.participants.some((one) => !view.has(one)) === true) this.#tell(view);
    this.#views.push(view);
  }

  /** A participant has all copies in their places, and nothing left to restore, in this view. */
  settled(participant: Participant, view: View): void {
    this.#settled.add(participant);
    if (view.participants.every((one) => this.#settled.has(one))) this.#views = [view];
  }

  /** Of each entry so many had something as there were, up to its holder, its backups and a witness. */
  #tell(view: View): void {
    const gone = new Set<Participant>();
    for (const { participants } of this.#views) {
      const left = participants.filter((one) => !view.has(one));
      if (left.length >= Math.min(this.backups + 2, participants.length)) for (const one of left) gone.add(one);
    }
    if (gone.size > 0) this.report([...gone]);
  }
}
