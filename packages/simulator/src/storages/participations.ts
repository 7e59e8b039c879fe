import type { MemberId } from '@hamok/collections';
import type { LogEntry } from '@hamok/collections/testing';
import { MessageType } from '@hamok/messages';
import { commandIn } from '../grid/reference/command.js';

/** Who takes part from one place in the log on: each since the place where it began, as somebody else each time that it begins. */
interface Participants {
  readonly epoch: number;
  readonly since: ReadonlyMap<MemberId, number>;
}

/** Who took part in the storage since everything was at rest, as the log decides it: STORAGES.md, "Who takes part". */
export class Participations {
  #views: Participants[] = [{ epoch: -1, since: new Map() }];
  /** By member: the last command of its session. */
  readonly #sequences: Map<MemberId, number>;
  #read = 0;

  constructor(
    private readonly log: readonly LogEntry[],
    founders: readonly MemberId[],
  ) {
    this.#sequences = new Map(founders.map((id) => [id, 0]));
  }

  /** Everything is in its place, and everybody has heard that. */
  rested(): void {
    this.#views = this.#upTo(this.log.length).slice(-1);
  }

  /** Whether a participant, as messages name it, is one as of an index of the log. */
  has(participant: string, index: number): boolean {
    const at = participant.lastIndexOf('/');
    const since = this.#upTo(index).at(-1)?.since.get(participant.slice(0, at));
    return since === Number(participant.slice(at + 1));
  }

  /** Where in the log it changed last who takes part. */
  get epoch(): number {
    return this.#latest?.epoch ?? -1;
  }

  /** Whether one that took part as of an index of the log is that participant no longer. */
  hasEnded(id: MemberId, index: number): boolean {
    const since = this.#upTo(index).at(-1)?.since.get(id);
    return since !== undefined && since !== this.#latest?.since.get(id);
  }

  /** Where in the log the last one ended that had ended by then; -1 where none has since the rest. */
  lastEndBy(index: number): number {
    const views = this.#upTo(index);
    const ends = views.filter((view, at) => goneOf(views[at - 1], view).length > 0);
    return ends.at(-1)?.epoch ?? -1;
  }

  /**
   * Of each time since the rest, who had gone by then: only where these can have been all who had something of an entry, those that kept
   * `backups`, the holder and a witness. Who began to take part at that time counts all others, itself had nothing.
   */
  goneBy(index: number, backups: number, observer: MemberId): (readonly MemberId[])[] {
    const views = this.#upTo(index);
    const gone = views.map((view) => ({ view, ids: goneOf(view, views.at(-1)) }));
    return gone.flatMap(({ view: { since, epoch }, ids }) => {
      const others = since.size - (since.get(observer) === epoch ? 1 : 0);
      return ids.length > 0 && ids.length >= Math.min(backups + 2, others) ? [ids] : [];
    });
  }

  get #latest(): Participants | undefined {
    return this.#upTo(this.log.length).at(-1);
  }

  #upTo(index: number): readonly Participants[] {
    for (const entry of this.log.slice(this.#read)) this.#follow(entry);
    this.#read = this.log.length;
    return this.#views.filter(({ epoch }) => epoch <= index);
  }

  #follow({ index, command, joined = [], left = [] }: LogEntry): void {
    const since = new Map(this.#views.at(-1)?.since);
    for (const id of joined) this.#sequences.set(id, 0);
    for (const id of left) this.#sequences.delete(id);
    const isChanged =
      command === undefined ? left.filter((id) => since.delete(id)).length > 0 : this.#carryOut(command, index, since);
    if (isChanged) this.#views.push({ epoch: index, since });
  }

  /** Whether it changes who takes part. What is sent again, or comes behind the removal of its sender, does not. */
  #carryOut(bytes: Uint8Array, index: number, since: Map<MemberId, number>): boolean {
    const { type, session } = commandIn(bytes) ?? {};
    if (session === undefined || session.sequence - 1 !== this.#sequences.get(session.member)) return false;
    this.#sequences.set(session.member, session.sequence);
    const tookPart = since.delete(session.member);
    if (type !== MessageType.STORAGE_JOIN_REQUEST) return tookPart;
    since.set(session.member, index);
    return true;
  }
}

/** Whose participation in one view has ended in a later one. */
function goneOf(before: Participants | undefined, after: Participants | undefined): MemberId[] {
  return [...(before?.since ?? [])].flatMap(([id, since]) => (after?.since.get(id) === since ? [] : [id]));
}
