import type { MemberId } from '../consensus.js';

/** Names what this member holds, each differently: by itself, and a count. */
export class HoldNames {
  #count = 0;

  constructor(private readonly self: () => MemberId) {}

  next(): string {
    return `${this.self()}#${++this.#count}`;
  }
}
