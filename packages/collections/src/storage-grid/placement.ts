import { type Participant, Role, type View } from './view.js';

/**
 * Where copies of the entries that this participant holds belong, and where there may still be some. After a change of participants
 * every entry is first copied to where it belongs now, and until all of that is acknowledged whoever keeps a copy goes on being told
 * of each change. Only then are the copies dropped that belong nowhere any more. So whoever might restore an entry knows all that was
 * acknowledged of it.
 */
export class Placement {
  /** The views since the last one in which every copy was in its place, that one first. */
  #former: View[] = [];
  #copied = true;

  constructor(
    private readonly self: Participant,
    readonly backups: number,
    private current: View,
  ) {}

  get view(): View {
    return this.current;
  }

  /** How many participants have something of an entry, its holder among them. */
  get copies(): number {
    return Math.min(this.backups + 2, this.current.participants.length);
  }

  /** Whether every copy is where it belongs, and nowhere else. */
  get isSettled(): boolean {
    return this.#former.length === 0;
  }

  follow(view: View): void {
    this.#former.push(this.current);
    this.#copied = false;
    this.current = view;
  }

  /** Every copy that belongs somewhere is acknowledged there. */
  copied(): void {
    this.#copied = true;
  }

  /** The copies that belonged elsewhere are dropped there. */
  settled(): void {
    this.#former = [];
  }

  /** Calls back with whoever has to be told of a change of an entry, and what each keeps of it then. */
  forKeepers(slot: string, tell: (keeper: Participant, role: Role) => void): void {
    const told = this.current.keepersOf(slot, this.self.id, this.backups);
    told.forEach((keeper, rank) => {
      const role = rank < this.backups ? Role.Backup : Role.Witness;
      tell(keeper, role === Role.Witness && !this.#copied ? this.#highestRole(keeper, slot) : role);
    });
    for (const view of this.#former)
      for (const keeper of view.keepersOf(slot, this.self.id, this.backups)) {
        if (told.includes(keeper) || !this.current.has(keeper)) continue;
        told.push(keeper);
        tell(keeper, this.#copied ? Role.None : this.#highestRole(keeper, slot));
      }
  }

  /** What has to be sent to a participant so that it has its copy of an entry: `None` where it has it already. */
  missing(participant: Participant, slot: string): Role {
    const role = this.#roleIn(this.current, participant, slot);
    const hasIt = this.#former.every((view) => this.#roleIn(view, participant, slot) >= role);
    if (hasIt) return Role.None;
    // Told of the key alone, one that has the value would drop it, though others may not have theirs yet.
    return role === Role.Witness ? this.#highestRole(participant, slot) : role;
  }

  /** What a participant is to keep from now on, where it may have kept more; else undefined. */
  surplus(participant: Participant, slot: string): Role | undefined {
    const role = this.#roleIn(this.current, participant, slot);
    return this.#former.some((view) => this.#roleIn(view, participant, slot) > role) ? role : undefined;
  }

  /** Whether a participant can miss copies at all: when others left, or it is new. */
  canMiss(participant: Participant): boolean {
    return this.#former.some(
      (view) => !view.has(participant) || view.participants.some((one) => !this.current.has(one)),
    );
  }

  /** Whether there can be copies in excess at all: when others joined. */
  get canExceed(): boolean {
    return this.current.participants.some((one) => this.#former.some((view) => !view.has(one)));
  }

  #highestRole(participant: Participant, slot: string): Role {
    let highest = this.#roleIn(this.current, participant, slot);
    for (const view of this.#former) highest = Math.max(highest, this.#roleIn(view, participant, slot));
    return highest;
  }

  #roleIn(view: View, participant: Participant, slot: string): Role {
    return view.has(participant) ? view.roleOf(participant, slot, this.self, this.backups) : Role.None;
  }
}
