import type { MemberId } from '../consensus.js';
import type { ParticipantsState } from './participants-state.js';
import { hashOf, weightOf } from './rendezvous.js';

/** A member from the place in the log on at which it began to take part: what it held before is gone. */
export interface Participant {
  readonly id: string;
  readonly member: MemberId;
  readonly since: number;
  readonly hash: number;
}

/** What a participant keeps of an entry that another one holds. */
export enum Role {
  None = 0,
  /** That there is such a key, and who holds it. */
  Witness = 1,
  /** The value too. */
  Backup = 2,
}

/** Who takes part in one epoch, and who of them has to do with which key. Equal on all members that know the epoch. */
export class View {
  readonly #byId = new Map<string, Participant>();
  readonly #byMember = new Map<MemberId, Participant>();

  constructor(
    readonly epoch: number,
    readonly participants: readonly Participant[],
  ) {
    for (const participant of participants) {
      this.#byId.set(participant.id, participant);
      this.#byMember.set(participant.member, participant);
    }
  }

  /** @param before whose participants are taken over, so that the same one is the same object */
  static of(state: ParticipantsState, before: View | undefined): View {
    const participants = Array.from(state.participants, ([member, since]) => {
      const id = participantId(member, since);
      return before?.find(id) ?? { id, member, since, hash: hashOf(id) };
    });
    return new View(state.epoch, participants);
  }

  find(id: string): Participant | undefined {
    return this.#byId.get(id);
  }

  findMember(member: MemberId): Participant | undefined {
    return this.#byMember.get(member);
  }

  has({ id }: Participant): boolean {
    return this.#byId.has(id);
  }

  /** The one that decides who holds a key: the first in its ranking. */
  homeOf(slot: string): Participant {
    const first = this.#next(hashOf(slot), undefined, undefined);
    if (first === undefined) throw new RangeError('nobody takes part');
    return first;
  }

  /** Those that keep something of an entry: the first `backups` of the ranking without its holder as backups, the next as a witness. */
  keepersOf(slot: string, holderId: string, backups: number): Participant[] {
    const hash = hashOf(slot);
    const keepers: Participant[] = [];
    let next = this.#next(hash, undefined, holderId);
    for (; next !== undefined && keepers.length <= backups; next = this.#next(hash, next, holderId)) keepers.push(next);
    return keepers;
  }

  roleOf(participant: Participant, slot: string, holder: Participant, backups: number): Role {
    if (participant === holder) return Role.None;
    const hash = hashOf(slot);
    const own = weightOf(hash, participant.hash);
    let better = 0;
    for (const other of this.participants) {
      if (other === holder || other === participant) continue;
      if (comesBefore(weightOf(hash, other.hash), other, own, participant) && ++better > backups) return Role.None;
    }
    return better < backups ? Role.Backup : Role.Witness;
  }

  /** In the ranking of a key, the one behind another, or the first. */
  #next(hash: number, behind: Participant | undefined, exceptId: string | undefined): Participant | undefined {
    const limit = behind === undefined ? 0 : weightOf(hash, behind.hash);
    let found: Participant | undefined;
    let highest = 0;
    for (const participant of this.participants) {
      if (participant.id === exceptId) continue;
      const weight = weightOf(hash, participant.hash);
      if (behind !== undefined && !comesBefore(limit, behind, weight, participant)) continue;
      if (found !== undefined && !comesBefore(weight, participant, highest, found)) continue;
      found = participant;
      highest = weight;
    }
    return found;
  }
}

export function participantId(member: MemberId, since: number): string {
  return `${member}/${since}`;
}

function comesBefore(weight: number, participant: Participant, otherWeight: number, other: Participant): boolean {
  return weight === otherWeight ? participant.id < other.id : weight > otherWeight;
}
