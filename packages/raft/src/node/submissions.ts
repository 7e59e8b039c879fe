import type { HamokMessage } from '@hamok/messages';
import type { RaftCore } from '../core/raft-core.js';
import type { MemberId } from '../identity/member-id.js';
import type { Clock } from '../ports/clock.js';
import type { StateMachine } from '../ports/state-machine.js';
import { isProposable } from '../wire/entries.js';
import { decodeSubmit, decodeSubmitAnswer, encodeSubmit, encodeSubmitAnswer } from '../wire/submit-frames.js';
import type { Proposal, Proposals } from './proposals.js';
import { ReceivedRequests } from './received-requests.js';

export interface SubmissionsOptions {
  readonly core: RaftCore;
  readonly proposals: Proposals;
  readonly gridId: string;
  readonly machine: StateMachine;
  readonly clock: Clock;
  /** False when a frame certainly did not leave. */
  readonly send: (to: MemberId, frame: Uint8Array) => boolean;
}

/** How proposals get into the log: the leader appends its own, and what the others hand to it. */
export class Submissions {
  readonly #core: RaftCore;
  readonly #proposals: Proposals;
  readonly #gridId: string;
  readonly #machine: StateMachine;
  readonly #clock: Clock;
  readonly #send: SubmissionsOptions['send'];
  readonly #received = new ReceivedRequests();
  /** Answers that tell of a term that a crash could still make this leader begin once more. */
  #held: (() => void)[] = [];

  constructor({ core, proposals, gridId, machine, clock, send }: SubmissionsOptions) {
    this.#core = core;
    this.#proposals = proposals;
    this.#gridId = gridId;
    this.#machine = machine;
    this.#clock = clock;
    this.#send = send;
  }

  /** Appends here what waits, or hands it to the leader, or keeps it until there is one. */
  proceed(now: number): void {
    if (!this.#proposals.hasUnsent) return;
    const { role, leader, term, self } = this.#core;
    if (role === 'leader') {
      for (const proposal of this.#proposals.takeUnsent()) this.#submitHere(proposal, self, term);
    } else if (leader !== undefined) {
      this.#forward(this.#proposals.takeUnsent(), leader, term, now);
    }
  }

  /**
   * A member's proposals: appended in order up to the first that is refused, so that none overtakes another. What may have come before
   * is not answered: an answer that it is refused could overtake the one that it was taken, and be believed.
   */
  receive(frame: HamokMessage, from: MemberId): void {
    const { role, term, self, configuration, log } = this.#core;
    const { requestId, term: askedTerm, entries } = decodeSubmit(frame);
    if (role === 'leader') this.#received.lead(term);
    if (!this.#received.isFirst(from, requestId, askedTerm, configuration)) return;
    const firstIndex = log.lastIndex + 1;
    let accepted = 0;
    let refusal: string | undefined;
    for (const entry of entries) {
      refusal = this.#append(from, new Uint8Array(entry));
      if (refusal !== undefined) break;
      accepted++;
    }
    const answer = { requestId, term, firstIndex, accepted, refusal };
    const tell = (): void => {
      this.#send(from, encodeSubmitAnswer(self, from, this.#gridId, answer));
    };
    if (this.#core.isTermDurable) tell();
    else this.#held.push(tell);
  }

  /** The leader's answer to what was handed to it. */
  receiveAnswer(frame: HamokMessage): void {
    this.#proposals.answered(decodeSubmitAnswer(frame), this.#core.log.appliedIndex);
  }

  /** More of the log is durable, and maybe the term. */
  persisted(): void {
    if (this.#held.length > 0 && this.#core.isTermDurable) for (const tell of this.#held.splice(0)) tell();
  }

  /** Returns the code of a refusal. */
  #append(from: MemberId, data: Uint8Array): string | undefined {
    if (this.#core.role !== 'leader') return 'not-leader';
    if (!isProposable(data)) return 'bad-command';
    const refusal = this.#machine.admit?.(from, data);
    if (refusal !== undefined) return refusal;
    const index = this.#core.propose(data, this.#clock.now());
    return typeof index === 'number' ? undefined : index;
  }

  #submitHere(proposal: Proposal, self: MemberId, term: number): void {
    const refusal = this.#append(self, proposal.data);
    if (refusal === undefined) this.#proposals.appended(this.#core.log.lastIndex, term, proposal);
    else this.#proposals.refuse(proposal, refusal);
  }

  #forward(unsent: readonly Proposal[], leader: MemberId, term: number, now: number): void {
    const { maxEntriesPerMessage, maxBytesPerMessage } = this.#core.limits;
    for (let from = 0; from < unsent.length; ) {
      let bytes = 0;
      let to = from;
      while (to < unsent.length && to - from < maxEntriesPerMessage) {
        bytes += unsent[to]?.data.byteLength ?? 0;
        if (bytes > maxBytesPerMessage && to > from) break;
        to++;
      }
      const batch = unsent.slice(from, to);
      const requestId = this.#proposals.forwarded(leader, term, batch, now);
      const request = { requestId, term, entries: batch.map(({ data }) => data) };
      const isSent = this.#send(leader, encodeSubmit(this.#core.self, leader, this.#gridId, request));
      if (!isSent) this.#proposals.unsent(requestId);
      from = to;
    }
  }
}
