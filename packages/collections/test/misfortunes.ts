import fc from 'fast-check';
import { expect } from 'vitest';
import type { Fate, InMemoryGrid, ManualClock } from '../src/testing/index.js';

/** What becomes of one proposal. */
export const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>('commit') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Fate>('commit', 'commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'),
  },
);

const at = fc.nat(2);

/** What may happen to a grid, or to one of its members. */
export const misfortune = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'leader' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'cut' as const), at }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('snapshot' as const), at }) },
);

/** That a member, which forgot everything, comes back as another incarnation. */
export const departure = fc.record({ do: fc.constant('depart' as const), at });

type Misfortune =
  typeof misfortune extends fc.Arbitrary<infer M>
    ? M | (typeof departure extends fc.Arbitrary<infer D> ? D : never)
    : never;

/** Lets a grid of three have its misfortunes. */
export class Misfortunes {
  readonly #names = ['a@1', 'b@1', 'c@1'];
  readonly #cut = new Set<string>();
  #incarnation = 1;

  /** @param path what becomes of the proposals, one after another */
  constructor(
    private readonly grid: InMemoryGrid,
    path: readonly Fate[],
  ) {
    let next = 0;
    grid.fate = (from) => (this.#cut.has(from) ? 'lose' : (path[next++] ?? 'commit'));
  }

  async happen({ do: what, at }: Misfortune): Promise<void> {
    const { grid } = this;
    const name = this.#names[at] ?? expect.fail();
    if (what === 'hold') grid.holding = true;
    else if (what === 'commit') this.#commit();
    else if (what === 'snapshot') await this.#sendSnapshot(name);
    else if (name === grid.leader) return;
    else if (what === 'leader') grid.changeLeader(name);
    else if (what === 'depart') await this.#depart(at, name);
    else {
      grid.member(name).paused = true;
      if (what === 'cut') this.#cut.add(name);
    }
  }

  /** They run out, so that in the end everything arrives. */
  async end(clock: ManualClock, roundInMs: number): Promise<void> {
    this.grid.fate = () => 'commit';
    for (const each of this.#names) this.grid.member(each).paused = false;
    this.#commit();
    for (let round = 0; round < 5; round++) {
      this.grid.release();
      await clock.advance(roundInMs);
    }
  }

  #commit(): void {
    this.grid.holding = false;
    this.grid.commit();
  }

  async #sendSnapshot(to: string): Promise<void> {
    this.#cut.delete(to);
    await this.grid.sendSnapshot(to);
    this.grid.member(to).paused = false;
  }

  async #depart(at: number, from: string): Promise<void> {
    const to = `${from.slice(0, 1)}@${++this.#incarnation}`;
    this.#names[at] = to;
    this.#commit();
    this.grid.member(from).paused = false;
    await this.grid.reincarnate(from, to, this.#incarnation % 2 === 0 ? 'snapshot' : 'log');
  }
}
