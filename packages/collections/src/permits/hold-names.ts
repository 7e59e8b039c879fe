import type { MemberId } from '../consensus.js';

/** Names what this member holds, each differently: by itself, and a count. */
export class HoldNames {
  #count = 0;

  constructor(private readonly self: () => MemberId) {}

  /** Before its first start an engine does not say who this member is, and names would be as those of other members. */
  get areUnique(): boolean {
    return this.self() !== '';
  }

  next(): string {
    return `${this.self()}#${++this.#count}`;
  }
}
