import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { Participant } from '../storage-grid/view.js';

/**
 * Whom a change of a key, or a read, may have to wait for, as far as this member knows: whoever is asked, and of a change those who keep
 * the copies of who makes it.
 *
 * @param told who is said to hold it
 */
export function concernedBy(
  grid: EntryGrid,
  slot: string,
  isRead: boolean,
  told?: Participant,
): readonly Participant[] {
  const { view, self, held, copies } = grid;
  if (isRead) return [told ?? view.homeOf(slot)];
  const known = told ?? (held.has(slot) ? self : copies.find(slot)?.holder);
  const holder = known !== undefined && view.has(known) ? known : undefined;
  return [holder ?? view.homeOf(slot), ...grid.keepersOf(slot, holder ?? self)];
}
