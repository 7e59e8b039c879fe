import type { EntryGrid } from './entry-grid.js';

const entriesAPart = 1024;

/**
 * Takes out entries that are held here, each when no copy is left of it from before it was restored: one that was could bring it back.
 * Resolves when that is acknowledged, and with it what was being deleted of these slots already, which could come back until then.
 * Those of one part vanish in the turn in which others are told: until its deletion is under way, a key would look as if nobody had
 * ever held it.
 */
export async function takeOut(
  grid: EntryGrid,
  slots: readonly string[],
  taken: (slot: string, value: string) => void,
): Promise<void> {
  for (let from = 0; from < slots.length; from += entriesAPart) {
    const part = slots.slice(from, from + entriesAPart);
    await grid.settling.ended(part);
    const deletedBefore = grid.held.deletionsEnded(part);
    const deleted: string[] = [];
    for (const slot of part) {
      const value = grid.held.get(slot);
      if (value === undefined) continue;
      grid.held.delete(slot);
      deleted.push(slot);
      taken(slot, value);
    }
    if (deleted.length > 0) await grid.held.spreadDeletion(deleted);
    await deletedBefore;
  }
}
