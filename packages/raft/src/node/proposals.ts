import { BusyError, IndeterminateError, NotCommittedError } from '../errors.js';
import type { MemberId } from '../identity/member-id.js';

/** What came of a proposal. */
export interface ProposalOutcome {
  readonly index: number;
  readonly term: number;
  /** What the state machine returned for it, on this member. */
  readonly result: unknown;
}

/** One proposal, from the call until its promise ends, which it does once. */
export class Proposal {
  #ended = false;

  constructor(
    readonly data: Uint8Array,
    private readonly onOutcome: (outcome: ProposalOutcome) => void,
    private readonly onError: (error: Error) => void,
    private readonly onEnd: (proposal: Proposal) => void,
  ) {}

  resolve(outcome: ProposalOutcome): void {
    if (this.#end()) this.onOutcome(outcome);
  }

  reject(error: Error): void {
    if (this.#end()) this.onError(error);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.onEnd(this);
    return true;
  }
}

/** Proposals handed to the leader of a term, not answered yet. */
interface Forwarded {
  readonly leader: MemberId;
  readonly term: number;
  readonly proposals: readonly Proposal[];
  readonly sentAt: number;
}

/** The leader's answer: the first so many are in its log, from `firstIndex` on; the rest is refused for the reason. */
export interface SubmitAnswer {
  readonly requestId: number;
  readonly term: number;
  readonly firstIndex: number;
  readonly accepted: number;
  readonly refusal: string | undefined;
}

/** This member's proposals, from the call until they are applied or known not to be. */
export class Proposals {
  /** Not handed to anyone yet, in the order of the calls. */
  #unsent: Proposal[] = [];
  readonly #forwarded = new Map<number, Forwarded>();
  /** By the term, and then by the index, that a leader gave them: two leaders may give one index, and either's entry may be committed there. */
  readonly #appended = new Map<number, Map<number, Proposal>>();
  #lastRequestId: number;
  /** Of what is applied. */
  #highestTerm = 0;
  #size = 0;
  #bytes = 0;

  /** Request ids are higher: an answer to an earlier run of this member must not be taken for one to this. */
  constructor(lastRequestId = 0) {
    this.#lastRequestId = lastRequestId;
  }

  /** Proposals whose promises have not ended, and their bytes. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  add(data: Uint8Array, resolve: (outcome: ProposalOutcome) => void, reject: (error: Error) => void): void {
    this.#size++;
    this.#bytes += data.byteLength;
    this.#unsent.push(new Proposal(data, resolve, reject, this.#release));
  }

  readonly #release = ({ data }: Proposal): void => {
    this.#size--;
    this.#bytes -= data.byteLength;
  };

  takeUnsent(): Proposal[] {
    const unsent = this.#unsent;
    this.#unsent = [];
    return unsent;
  }

  /** Records proposals that go to the leader in one request. Returns the id to send along. */
  forwarded(leader: MemberId, term: number, proposals: readonly Proposal[], now: number): number {
    this.#lastRequestId++;
    this.#forwarded.set(this.#lastRequestId, { leader, term, proposals, sentAt: now });
    return this.#lastRequestId;
  }

  /** The request could not leave: its proposals are certainly not in the log. */
  unsent(requestId: number): void {
    const request = this.#forwarded.get(requestId);
    this.#forwarded.delete(requestId);
    for (const proposal of request?.proposals ?? []) proposal.reject(new NotCommittedError('unreachable'));
  }

  /** Records a proposal that is in a leader's log, behind what is applied. */
  appended(index: number, term: number, proposal: Proposal): void {
    if (term < this.#highestTerm) return proposal.reject(new NotCommittedError('leader-changed'));
    const ofTerm = this.#appended.get(term) ?? new Map<number, Proposal>();
    this.#appended.set(term, ofTerm.set(index, proposal));
  }

  /** The leader did not append it. */
  refuse(proposal: Proposal, reason: string): void {
    proposal.reject(reason === 'busy' ? new BusyError('maxUncommittedBytes') : new NotCommittedError(reason));
  }

  answered({ requestId, term, firstIndex, accepted, refusal }: SubmitAnswer, appliedIndex: number): void {
    const request = this.#forwarded.get(requestId);
    if (!request) return;
    this.#forwarded.delete(requestId);
    request.proposals.forEach((proposal, i) => {
      if (i >= accepted) this.refuse(proposal, refusal ?? 'refused');
      else if (firstIndex + i <= appliedIndex)
        proposal.reject(new IndeterminateError('applied before the answer came'));
      else this.appended(firstIndex + i, term, proposal);
    });
  }

  /** An entry was applied here: if it is one of these proposals, it is done; what it excludes is certainly not committed. */
  applied(index: number, term: number, result: unknown): void {
    if (term > this.#highestTerm) this.#excludeBefore(term);
    const ofTerm = this.#appended.get(term);
    const proposal = ofTerm?.get(index);
    ofTerm?.delete(index);
    proposal?.resolve({ index, term, result });
  }

  /**
   * Terms grow along the log: behind a committed entry of a term, none of an earlier one can follow. What lost its index to an entry of an
   * earlier term ends here as well: that one was committed by an entry of a still later term, which follows it.
   */
  #excludeBefore(term: number): void {
    this.#highestTerm = term;
    for (const [earlier, ofTerm] of this.#appended) {
      if (earlier >= term) continue;
      this.#appended.delete(earlier);
      for (const proposal of ofTerm.values()) proposal.reject(new NotCommittedError('leader-changed'));
    }
  }

  /** Whoever was asked does not lead in this term, or did not answer since `before`: it may have appended them, or not. */
  forsake(leader: MemberId | undefined, term: number, before: number): void {
    for (const [requestId, request] of this.#forwarded) {
      if (request.leader === leader && request.term === term && request.sentAt > before) continue;
      this.#forwarded.delete(requestId);
      for (const proposal of request.proposals) proposal.reject(new IndeterminateError('the leader did not answer'));
    }
  }

  /** A snapshot took this member past the entries. */
  skippedTo(index: number): void {
    for (const ofTerm of this.#appended.values()) {
      for (const [at, proposal] of ofTerm) {
        if (at > index) continue;
        ofTerm.delete(at);
        proposal.reject(new IndeterminateError('its entry came with a snapshot'));
      }
    }
  }

  /** Nothing will be applied here any more. */
  abandon(reason: string, failure?: Error): void {
    this.forsake(undefined, 0, Number.POSITIVE_INFINITY);
    for (const ofTerm of this.#appended.values())
      for (const proposal of ofTerm.values()) proposal.reject(new IndeterminateError(reason, failure));
    this.#appended.clear();
    for (const proposal of this.takeUnsent()) proposal.reject(failure ?? new NotCommittedError(reason));
  }
}
