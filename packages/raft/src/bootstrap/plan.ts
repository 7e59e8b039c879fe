/**
 * With which members a new grid may begin (rules 3 and 4 of the architecture):
 *
 * - `list`: exactly these ids, all of them.
 * - `count`: once so many are found, oneself counted; the ids are those found. Who only joins counts for neither this nor the next.
 * - `found`: those found within the discovery time; never alone. Two groups that cannot see each other in that time
 *   become two grids: give a list or a number where that matters.
 * - `none`: never begins a grid, only joins one.
 */
export type BootstrapPlan =
  | { readonly type: 'list'; readonly ids: readonly string[] }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'found'; readonly discoveryTimeInMs: number }
  | { readonly type: 'none' };

/** The ids to begin a grid with, sorted, given those found that begin grids (oneself included); undefined while that is open. */
export function expectedIds(
  plan: BootstrapPlan,
  found: readonly string[],
  searchedForMs: number,
): string[] | undefined {
  switch (plan.type) {
    case 'list':
      return sorted(plan.ids);
    case 'count':
      return found.length >= plan.count ? sorted(found) : undefined;
    case 'found':
      return searchedForMs >= plan.discoveryTimeInMs && found.length > 1 ? sorted(found) : undefined;
    case 'none':
      return undefined;
  }
}

/** By code units: the same on every member, whatever its locale. */
function sorted(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

export function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
