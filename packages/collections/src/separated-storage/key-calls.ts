import { MessageType } from '@hamok/messages';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { GridCalls } from '../storage-grid/grid-calls.js';
import type { Participation } from '../storage-grid/participation.js';
import { concernedBy } from './concerned.js';
import { KeyAttempt } from './key-attempt.js';
import type { KeyBatches } from './key-batches.js';
import type { KeyCall, KeyItem } from './key-item.js';
import type { KeyService } from './key-service.js';

const firstPauseInMs = 4;
const longestPauseInMs = 250;

/** Finds who holds each key, and has it do what is asked for; or holds it from then on. */
export class KeyCalls {
  constructor(
    private readonly participation: Participation,
    private readonly service: KeyService,
    private readonly batches: KeyBatches,
    private readonly calls: GridCalls,
  ) {}

  /** Whether all could be read here, and was. */
  readHere(items: readonly KeyItem[]): boolean {
    const { grid } = this.participation;
    if (grid === undefined) return false;
    for (const item of items) {
      const value = this.service.read(grid, item.slot);
      if (value === undefined) return false;
      item.before = value;
    }
    return true;
  }

  async run(call: KeyCall): Promise<void> {
    const { patience } = call;
    let pauseInMs = firstPauseInMs;
    let grid = this.participation.grid ?? (await this.participation.joined());
    // Whoever keeps a copy knows who holds the key. Reads ask the home, which has a copy, too.
    if (call.operation !== MessageType.GET_ENTRIES_REQUEST)
      for (const item of call.items) item.holder = grid.copies.find(item.slot)?.holder;
    for (let open = call.items; !patience.ended; ) {
      await new KeyAttempt(grid, call, this.service).run(open, this.batches);
      open = open.filter(({ done }) => !done);
      if (open.length === 0) return;
      this.#requireRoom(grid, call, open);
      // A hint is followed at once; who only has to wait does so a little longer each time.
      if (open.every(({ holder }) => holder === undefined)) {
        if (patience.ended) return;
        await grid.pauses.pause(pauseInMs);
        pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs);
      }
      grid = this.participation.grid ?? (await this.participation.joined());
    }
  }

  /** For those who were named by whoever was asked before. */
  #requireRoom(grid: EntryGrid, { items, operation }: KeyCall, open: readonly KeyItem[]): void {
    const isRead = operation === MessageType.GET_ENTRIES_REQUEST;
    try {
      this.calls.requireRoom(() =>
        open.flatMap(({ slot, holder }) => (holder === undefined ? [] : concernedBy(grid, slot, isRead, holder))),
      );
    } catch (error) {
      throw isRead || open.length === items.length ? error : this.calls.unfinished(true, error);
    }
  }
}
