import type { LogPosition } from '../core/entry.js';

/**
 * A state that a member holds and that is no log: that of a grid, as of an entry of its log. A new grid may begin with it, and a member
 * that joins the grid it is of needs only what came after (rule 9 of the architecture).
 */
export interface Base {
  /** The grid whose log it is of. */
  readonly gridId: string;
  readonly position: LogPosition;
  /** Of its content and of the members as of it: see `StateDigest`. */
  readonly digest: string;
}

export function sameBase(a: Base | undefined, b: Base | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.digest === b.digest && isAsRecent(a, b);
}

function isAsRecent(a: Base, b: Base): boolean {
  const { index, term, time } = a.position;
  return a.gridId === b.gridId && index === b.position.index && term === b.position.term && time === b.position.time;
}

/**
 * The state that a grid begins with: the one of the highest term, then index. `conflict` where they are of several grids, or one place in
 * the log has two contents: whichever was taken, the other would be lost.
 */
export function chooseBase(bases: readonly Base[]): Base | undefined | 'conflict' {
  let best: Base | undefined;
  for (const base of bases) {
    if (best !== undefined && base.gridId !== best.gridId) return 'conflict';
    if (best === undefined || isLater(base.position, best.position)) best = base;
  }
  const isDisputed = bases.some((base) => best !== undefined && isAsRecent(base, best) && base.digest !== best.digest);
  return isDisputed ? 'conflict' : best;
}

function isLater(a: LogPosition, b: LogPosition): boolean {
  return a.term > b.term || (a.term === b.term && a.index > b.index);
}
