import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { Participant } from '../storage-grid/view.js';
import { concernedBy } from './concerned.js';
import type { KeyItem } from './key-item.js';

const never = Number.NEGATIVE_INFINITY;

/** What is known of the items of a call that are not done: who was asked for them, and what those say. */
export class KeyProgress {
  constructor(
    private readonly items: readonly KeyItem[],
    private readonly grid: EntryGrid | undefined,
    private readonly now: number,
  ) {}

  /** Who was asked last for what is not known. */
  get missing(): ReadonlySet<Participant> {
    return new Set(this.items.flatMap(({ done, asked }) => (done || asked === undefined ? [] : [asked])));
  }

  /** Because of whom there is no answer. */
  get silent(): ReadonlySet<Participant> {
    const { grid } = this;
    const silent = new Set<Participant>(grid?.silent(this.#slotsHere));
    for (const { done, exposed, asked, progress } of this.items) {
      if (done || !exposed || asked === undefined || asked === grid?.self) continue;
      for (const one of progress?.silent(asked, this.now) ?? [asked]) silent.add(one);
    }
    return silent;
  }

  /** Because of whom it is not carried out, though nobody waits for it any more. */
  stuckWith(isRead: boolean): ReadonlySet<Participant> {
    const silentHere = this.grid?.silent() ?? [];
    const concerned = silentHere.length === 0 ? [] : this.#concerned(isRead);
    const stuckWith = new Set(silentHere.filter((one) => concerned.includes(one)));
    return stuckWith.size > 0 ? stuckWith : this.silent;
  }

  /**
   * When all others who were asked said last that they work on it, or, where a part will do, any of them. What is done here gives a call no
   * more time, and none is left where that waits for somebody who is silent.
   */
  workedOnAt(isPartEnough: boolean): number {
    const { grid } = this;
    const isStuckHere = grid !== undefined && grid.silent(this.#slotsHere).length > 0;
    let found: number | undefined;
    for (const { done, asked, progress } of this.items) {
      const isHere = asked !== undefined && asked === grid?.self;
      if (done || (isHere && !isStuckHere)) continue;
      const at = isHere ? never : (progress?.workedOnAt ?? never);
      if (found === undefined || (isPartEnough ? at > found : at < found)) found = at;
    }
    return found ?? never;
  }

  #concerned(isRead: boolean): readonly Participant[] {
    const { grid } = this;
    if (grid === undefined) return [];
    const of = ({ done, slot, asked }: KeyItem): readonly Participant[] =>
      done ? [] : concernedBy(grid, slot, isRead, asked === grid.view.homeOf(slot) ? undefined : asked);
    return [...new Set(this.items.flatMap(of))];
  }

  /** Of what this participant itself was asked for. */
  get #slotsHere(): string[] {
    const { grid } = this;
    const here = this.items.filter(({ done, exposed, asked }) => !done && exposed && asked === grid?.self);
    return here.map(({ slot }) => slot);
  }
}
