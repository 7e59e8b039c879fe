import type { Participant, View } from './view.js';

/**
 * Where copies of the entries of others may be, as far as can be told from here: with those who keep them by any view since the last
 * one in which their holder had them all in place, and after it left also with the homes that were told of them.
 */
export class Whereabouts {
  /** By the participant's id: the views since then; none where that is not known. */
  readonly #views = new Map<string, View[] | undefined>();
  /** Who told of copies of those who left: a snapshot may have brought this participant over views by which they got them. */
  readonly #tellers = new Set<Participant>();
  /** Who is settled in the latest view. */
  readonly #settled = new Set<Participant>();

  constructor(
    private readonly self: Participant,
    private readonly backups: number,
  ) {}

  viewChanged(view: View): void {
    this.#settled.clear();
    for (const views of this.#views.values()) views?.push(view);
    for (const participant of view.participants)
      if (!this.#views.has(participant.id))
        this.#views.set(participant.id, participant.since === view.epoch ? [view] : undefined);
  }

  /** A snapshot brought this participant over views: by those anybody may have got copies. */
  missedViews(): void {
    for (const id of this.#views.keys()) this.#views.set(id, undefined);
  }

  /** A participant has all copies of its entries in their places, in this view. */
  placed(holder: Participant, view: View): void {
    this.#views.set(holder.id, [view]);
  }

  /**
   * Another one has copies of one that left. Where that was before this participant came, nothing else is known of these: anybody may
   * have some. And so it stays in later epochs, in which the key has another home, and that one is told.
   */
  toldOf({ id }: Participant, by: Participant): void {
    this.#tellers.add(by);
    if (!this.#views.has(id)) this.#views.set(id, undefined);
  }

  /**
   * A participant has nothing left to restore, and none of the copies from before of what it restored, in this view. Once that is so
   * for all, nothing of those who left is of interest any more; until then one may leave, and what it had not dropped is left to another.
   */
  settled(participant: Participant, view: View): void {
    this.#settled.add(participant);
    if (!view.participants.every((one) => this.#settled.has(one))) return;
    for (const id of this.#views.keys()) if (view.find(id) === undefined) this.#views.delete(id);
    this.#tellers.clear();
  }

  /**
   * Whether by each view in which a change of an entry can have been acknowledged one who keeps a backup still takes part. If nobody has
   * one, it was not acknowledged.
   */
  hasBackups(slot: string, departed: Participant, current: View): boolean {
    const views = this.#views.get(departed.id)?.filter((view) => view.has(departed)) ?? [];
    const hasBackup = (view: View): boolean =>
      view
        .keepersOf(slot, departed.id, this.backups)
        .slice(0, this.backups)
        .some((keeper) => current.has(keeper));
    return views.length > 0 && views.every(hasBackup);
  }

  /** Who may have a copy of an entry from any holder that left. */
  ofDeparted(slot: string, current: View): Set<Participant> {
    const found = new Set<Participant>();
    const add = (participant: Participant): void => {
      if (participant !== this.self && current.has(participant)) found.add(participant);
    };
    for (const [id, views] of this.#views) {
      if (current.find(id) !== undefined) continue;
      if (views === undefined) current.participants.forEach(add);
      for (const view of views ?? []) view.keepersOf(slot, id, this.backups).forEach(add);
    }
    this.#tellers.forEach(add);
    return found;
  }
}
