import type { Message } from '@hamok/raft';
import type { Member } from '../world/member.js';
import type { Subject } from './subject.js';

/** When members last heard a leader of their own, or of a later term, by their own clocks. Two invariants compare elections with it. */
export class LeaderContact {
  readonly #heardAt = new Map<Subject, number>();

  received({ type, term }: Message, receiver: Member): void {
    if ((type === 'append-request' || type === 'snapshot-request') && term >= receiver.core.term)
      this.#heardAt.set(receiver, receiver.clock.latest);
  }

  /** Begins anew: it restarted, or it stood for election itself. */
  forget(member: Subject): void {
    this.#heardAt.delete(member);
  }

  /** How long that is ago, in ms; Infinity if it never was in this life. */
  silence(member: Member): number {
    return member.clock.latest - (this.#heardAt.get(member) ?? Number.NEGATIVE_INFINITY);
  }
}
