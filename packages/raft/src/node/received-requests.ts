import { type Configuration, isMember } from '../core/configuration.js';
import type { MemberId } from '../identity/member-id.js';

/** How many requests of a member may overtake one before that one is passed over. */
const windowSize = 128;

/**
 * Which requests of the members a leader has had in its term. A transport may deliver one twice, the second time late: what was refused
 * must not be taken then, for the member believes that it never will be.
 */
export class ReceivedRequests {
  #term = -1;
  /** For each member, by the request's number modulo the size: the highest that came. */
  readonly #byMember = new Map<MemberId, Float64Array>();

  /** It leads in this term. What the leader of an earlier one was asked is passed over from now on. */
  lead(term: number): void {
    if (term === this.#term) return;
    this.#term = term;
    this.#byMember.clear();
  }

  /** Notes a request to the leader of a term. False where that is not this one, or the request may have come before. */
  isFirst(from: MemberId, requestId: number, term: number, configuration: Configuration): boolean {
    if (term !== this.#term || !isMember(configuration, from)) return false;
    const highest = this.#byMember.get(from) ?? this.#admit(from, configuration);
    const place = requestId % windowSize;
    if ((highest[place] ?? 0) >= requestId) return false;
    highest[place] = requestId;
    return true;
  }

  /** Who has left does not become a member again, so there is nothing to remember of it. */
  #admit(member: MemberId, configuration: Configuration): Float64Array {
    for (const known of this.#byMember.keys()) if (!isMember(configuration, known)) this.#byMember.delete(known);
    const none = new Float64Array(windowSize);
    this.#byMember.set(member, none);
    return none;
  }
}
