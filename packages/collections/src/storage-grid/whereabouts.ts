import type { Participant, View } from './view.js';

/**
 * Where copies of the entries of others may be, as far as can be told from here: with those who keep them by any view since the last
 * one in which their holder had them all in place, and after it left also with the homes that were told of them.
 */
export class Whereabouts {
  /** The views since then; none where that is not known. */
  readonly #views = new Map<Participant, View[] | undefined>();

  constructor(
    private readonly self: Participant,
    private readonly backups: number,
  ) {}

  viewChanged(view: View): void {
    for (const views of this.#views.values()) views?.push(view);
    for (const participant of view.participants)
      if (!this.#views.has(participant))
        this.#views.set(participant, participant.since === view.epoch ? [view] : undefined);
  }

  /** A participant has all copies of its entries in their places, in this view. */
  settled(holder: Participant, view: View): void {
    this.#views.set(holder, [view]);
  }

  /** Nothing of those who left by then is of interest any more. */
  forgetDeparted(view: View): void {
    for (const holder of this.#views.keys()) if (!view.has(holder)) this.#views.delete(holder);
  }

  /** Who may have a copy of an entry from any holder that left. */
  ofDeparted(slot: string, current: View): Set<Participant> {
    const found = new Set<Participant>();
    const add = (participant: Participant): void => {
      if (participant !== this.self && current.has(participant)) found.add(participant);
    };
    for (const [holder, views] of this.#views) {
      if (current.has(holder)) continue;
      if (views === undefined) current.participants.forEach(add);
      for (const view of views ?? []) {
        view.keepersOf(slot, holder, this.backups).forEach(add);
        add(view.homeOf(slot));
      }
    }
    return found;
  }
}
