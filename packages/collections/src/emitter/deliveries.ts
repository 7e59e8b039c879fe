import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';

export interface DeliveriesOptions {
  readonly clock: Clock;
  /** Longest wait for the answers, in ms from the call. */
  readonly limitInMs: () => number;
  readonly isMember: (member: MemberId) => boolean;
  /** Asks a subscriber that has not answered what became of the event at an index. */
  readonly ask: (member: MemberId, token: string, index: number) => void;
}

interface Delivery {
  /** What members said, who may be quicker than the publisher's own log. */
  readonly answers: Map<MemberId, { readonly index: number; readonly delivered: boolean }>;
  readonly deadline: number;
  expected: { readonly index: number; readonly subscribers: readonly MemberId[] } | undefined;
  askAgainInMs: number;
  cancel: (() => void) | undefined;
  finish: (delivered: MemberId[]) => void;
}

const firstAskInMs = 200;
const maxAskInMs = 2000;

/** The events of this publisher whose subscribers have not all answered. */
export class Deliveries {
  readonly #waiting = new Map<string, Delivery>();
  #lastToken = 0;
  #closed = false;

  constructor(private readonly options: DeliveriesOptions) {}

  /** Before the event is submitted. The token names it in the answers. */
  begin(): string {
    const token = String(++this.#lastToken);
    const deadline = this.options.clock.now() + this.options.limitInMs();
    this.#waiting.set(token, {
      answers: new Map(),
      deadline,
      expected: undefined,
      askAgainInMs: firstAskInMs,
      cancel: undefined,
      finish: () => undefined,
    });
    return token;
  }

  /** The event did not get into the log, or nobody knows. */
  abandon(token: string): void {
    this.#waiting.delete(token);
  }

  /**
   * The event is in the log. Resolves with the subscribers that delivered it, once each of them has answered or left; at the
   * deadline, with those that are known to have. Never rejects.
   */
  expect(token: string, index: number, subscribers: readonly MemberId[]): Promise<MemberId[]> {
    const delivery = this.#waiting.get(token);
    if (delivery === undefined) return Promise.resolve([]);
    delivery.expected = { index, subscribers };
    return new Promise((resolve) => {
      delivery.finish = resolve;
      if (this.#closed) this.#finish(token, delivery);
      else if (!this.#finishIfComplete(token, delivery)) this.#askLater(token, delivery);
    });
  }

  answer(token: string, member: MemberId, index: number, delivered: boolean): void {
    const delivery = this.#waiting.get(token);
    if (delivery === undefined) return;
    delivery.answers.set(member, { index, delivered });
    this.#finishIfComplete(token, delivery);
  }

  membersChanged(): void {
    for (const [token, delivery] of [...this.#waiting]) this.#finishIfComplete(token, delivery);
  }

  /** Nobody is waited for any more. */
  close(): void {
    this.#closed = true;
    for (const [token, delivery] of [...this.#waiting])
      if (delivery.expected !== undefined) this.#finish(token, delivery);
  }

  #finishIfComplete(token: string, delivery: Delivery): boolean {
    if (delivery.expected === undefined || this.#missing(delivery).length > 0) return false;
    this.#finish(token, delivery);
    return true;
  }

  #missing({ expected, answers }: Delivery): MemberId[] {
    if (expected === undefined) return [];
    const { isMember } = this.options;
    return expected.subscribers.filter((member) => answers.get(member)?.index !== expected.index && isMember(member));
  }

  #askLater(token: string, delivery: Delivery): void {
    const { clock } = this.options;
    const leftInMs = delivery.deadline - clock.now();
    if (leftInMs <= 0) return this.#finish(token, delivery);
    delivery.cancel = clock.setTimer(() => this.#ask(token, delivery), Math.min(delivery.askAgainInMs, leftInMs));
    delivery.askAgainInMs = Math.min(delivery.askAgainInMs * 2, maxAskInMs);
  }

  #ask(token: string, delivery: Delivery): void {
    const index = delivery.expected?.index ?? -1;
    if (this.options.clock.now() < delivery.deadline)
      for (const member of this.#missing(delivery)) this.options.ask(member, token, index);
    this.#askLater(token, delivery);
  }

  #finish(token: string, { expected, answers, cancel, finish }: Delivery): void {
    this.#waiting.delete(token);
    cancel?.();
    const { index, subscribers = [] } = expected ?? {};
    finish(
      subscribers.filter((member) => {
        const answer = answers.get(member);
        return answer?.index === index && answer?.delivered === true;
      }),
    );
  }
}
