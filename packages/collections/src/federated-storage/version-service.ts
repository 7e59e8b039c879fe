import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { StorageDuties } from '../storage-grid/storage-member.js';
import { HeldVersions } from './versions.js';

/** Gives and takes out the versions that a participant holds. Every request concerns them, whoever else holds which. */
export class VersionService implements StorageDuties {
  #versions: HeldVersions | undefined;

  held(grid: EntryGrid): HeldVersions {
    if (this.#versions?.isOf(grid) !== true) this.#versions = new HeldVersions(grid);
    return this.#versions;
  }

  entries(grid: EntryGrid, keys: readonly string[] | undefined): Iterable<readonly [slot: string, value: string]> {
    return this.held(grid).of(keys);
  }

  takeOut(
    grid: EntryGrid,
    keys: readonly string[] | undefined,
  ): Promise<readonly (readonly [slot: string, value: string])[]> {
    return this.held(grid).takeOut(keys);
  }

  restored(grid: EntryGrid, slot: string): void {
    this.held(grid).adopt(slot);
  }
}
