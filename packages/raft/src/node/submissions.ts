import type { HamokMessage } from '@hamok/messages';
import { isMember } from '../core/configuration.js';
import type { RaftCore } from '../core/raft-core.js';
import type { MemberId } from '../identity/member-id.js';
import type { Clock } from '../ports/clock.js';
import type { StateMachine } from '../ports/state-machine.js';
import { isProposable } from '../wire/entries.js';
import { decodeRequestId, decodeSubmitAnswer, encodeSubmit, encodeSubmitAnswer } from '../wire/submit-frames.js';
import type { Proposal, Proposals } from './proposals.js';

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
  readonly #options: SubmissionsOptions;
  /** Answers that tell of a term that a crash could still make this leader begin once more. */
  #held: (() => void)[] = [];

  constructor(options: SubmissionsOptions) {
    this.#options = options;
  }

  /** Appends here what waits, or hands it to the leader, or keeps it until there is one. */
  proceed(now: number): void {
    const { core, proposals } = this.#options;
    if (!proposals.hasUnsent) return;
    const { role, leader, term, self } = core;
    if (role === 'leader') {
      for (const proposal of proposals.takeUnsent()) this.#submitHere(proposal, self, term);
    } else if (leader !== undefined) {
      this.#forward(proposals.takeUnsent(), leader, now);
    }
  }

  /** A member's proposals: appended in order up to the first that is refused, so that none overtakes another. */
  receive(frame: HamokMessage, from: MemberId): void {
    const { core, gridId, send } = this.#options;
    const firstIndex = core.log.lastIndex + 1;
    let accepted = 0;
    let refusal: string | undefined = isMember(core.configuration, from) ? undefined : 'not-a-member';
    for (const entry of frame.entries) {
      refusal ??= this.#append(from, new Uint8Array(entry));
      if (refusal !== undefined) break;
      accepted++;
    }
    const { term, self } = core;
    const answer = { requestId: decodeRequestId(frame), term, firstIndex, accepted, refusal };
    const tell = (): void => {
      send(from, encodeSubmitAnswer(self, from, gridId, answer));
    };
    if (core.isTermDurable) tell();
    else this.#held.push(tell);
  }

  /** The leader's answer to what was handed to it. */
  receiveAnswer(frame: HamokMessage): void {
    const { core, proposals } = this.#options;
    proposals.answered(decodeSubmitAnswer(frame), core.log.appliedIndex);
  }

  /** More of the log is durable, and maybe the term. */
  persisted(): void {
    if (this.#held.length > 0 && this.#options.core.isTermDurable) for (const tell of this.#held.splice(0)) tell();
  }

  /** Returns the code of a refusal. */
  #append(from: MemberId, data: Uint8Array): string | undefined {
    const { core, machine, clock } = this.#options;
    if (core.role !== 'leader') return 'not-leader';
    if (!isProposable(data)) return 'bad-command';
    const refusal = machine.admit?.(from, data);
    if (refusal !== undefined) return refusal;
    const index = core.propose(data, clock.now());
    return typeof index === 'number' ? undefined : index;
  }

  #submitHere(proposal: Proposal, self: MemberId, term: number): void {
    const { core, proposals } = this.#options;
    const refusal = this.#append(self, proposal.data);
    if (refusal === undefined) proposals.appended(core.log.lastIndex, term, proposal);
    else proposals.refuse(proposal, refusal);
  }

  #forward(unsent: readonly Proposal[], leader: MemberId, now: number): void {
    const { core, proposals, gridId, send } = this.#options;
    const { maxEntriesPerMessage, maxBytesPerMessage } = core.limits;
    for (let from = 0; from < unsent.length; ) {
      let bytes = 0;
      let to = from;
      while (to < unsent.length && to - from < maxEntriesPerMessage) {
        bytes += unsent[to]?.data.byteLength ?? 0;
        if (bytes > maxBytesPerMessage && to > from) break;
        to++;
      }
      const batch = unsent.slice(from, to);
      const requestId = proposals.forwarded(leader, batch, now);
      const entries = batch.map(({ data }) => data);
      const isSent = send(leader, encodeSubmit(core.self, leader, gridId, requestId, entries));
      if (!isSent) proposals.unsent(requestId);
      from = to;
    }
  }
}
