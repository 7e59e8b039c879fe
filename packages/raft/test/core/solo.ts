import type { Message, RaftCore, RaftCoreOptions } from '@hamok/raft';
import { entries, Node, newCore } from './grid.js';

type Bare<T> = T extends Message ? Omit<T, 'to'> : never;

/** One core, `a` of a, b and c unless told otherwise, whose surroundings the test plays. */
export class Solo {
  now = 0;
  readonly node: Node;
  #sent: Message[] = [];

  constructor(options: Partial<RaftCoreOptions> & { terms?: readonly number[]; term?: number } = {}) {
    const { terms = [], term = terms[terms.length - 1] ?? 0, ...rest } = options;
    const core = newCore({
      self: 'a',
      configuration: { voters: ['a', 'b', 'c'], learners: [] },
      entries: entries(terms),
      hardState: { term, vote: undefined },
      ...rest,
    });
    this.node = new Node(
      core,
      (message) => this.#sent.push(message),
      () => this.now,
    );
    this.node.run();
  }

  get core(): RaftCore {
    return this.node.core;
  }

  /** A message to this core. */
  step(message: Bare<Message>): this {
    this.core.step({ ...message, to: this.core.self }, this.now);
    this.node.run();
    return this;
  }

  do<T>(action: (core: RaftCore, now: number) => T): T {
    const result = action(this.core, this.now);
    this.node.run();
    return result;
  }

  tick(ms: number): this {
    this.now += ms;
    this.do((core, now) => core.tick(now));
    return this;
  }

  /** What it sent since it was last asked. */
  sent(): Message[] {
    return this.#sent.splice(0);
  }

  /** What it sent of one type. */
  sentOf<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.sent().filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }

  /** Stands for election, the others having agreed that it may. */
  becomeCandidate(): this {
    this.do((core, now) => core.campaign(now));
    const term = this.core.term + 1;
    for (const from of this.#others()) this.step({ type: 'pre-vote-response', from, term, granted: true });
    this.sent();
    return this;
  }

  /** Wins an election. Its no-op is in its log and nobody has answered it. */
  becomeLeader(): this {
    this.becomeCandidate();
    const { term } = this.core;
    for (const from of this.#others()) this.step({ type: 'vote-response', from, term, granted: true });
    this.sent();
    return this;
  }

  /** An append from the leader `from`. */
  append(
    from: string,
    term: number,
    prev: [index: number, term: number],
    terms: readonly number[],
    commitIndex = -1,
  ): this {
    const [prevLogIndex, prevLogTerm] = prev;
    const sent = entries(terms, prevLogIndex + 1);
    return this.step({
      type: 'append-request',
      from,
      term,
      prevLogIndex,
      prevLogTerm,
      entries: sent,
      commitIndex,
      round: 0,
    });
  }

  /** A follower's answer that it holds everything up to an index. */
  match(from: string, matchIndex: number, round = 0): this {
    const none = { rejectedIndex: -1, hintIndex: -1, hintTerm: 0 };
    return this.step({
      type: 'append-response',
      from,
      term: this.core.term,
      success: true,
      matchIndex,
      round,
      ...none,
    });
  }

  /** The terms of its log. */
  get terms(): number[] {
    const { log } = this.core;
    return Array.from({ length: log.lastIndex + 1 - log.firstIndex }, (_, i) => log.termAt(log.firstIndex + i) ?? -1);
  }

  #others(): string[] {
    return this.core.configuration.voters.filter((voter) => voter !== this.core.self);
  }
}
