import { MessageType } from '@hamok/messages';
import type { CallOptions } from '../session/call.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import { type GridCalls, unfinished } from '../storage-grid/grid-calls.js';
import type { GridCallOptions } from '../storage-grid/grid-storage-options.js';
import type { Participation } from '../storage-grid/participation.js';
import type { WholeGridCalls } from '../storage-grid/whole-grid-calls.js';
import type { VersionService } from './version-service.js';
import { splitSlot } from './versions.js';

/** The versions of one key, by the slot in which each is held. */
export interface FoundVersions<K> {
  readonly entry: EncodedEntry<K>;
  readonly versions: Map<string, string>;
}

export interface WrittenVersion<K> {
  readonly entry: EncodedEntry<K>;
  /** This member's version before, and now. */
  readonly before: string | undefined;
  readonly value: string;
}

/** Asks all participants for versions, and writes this one's own. */
export class VersionCalls {
  constructor(
    private readonly participation: Participation,
    private readonly service: VersionService,
    private readonly calls: GridCalls,
    private readonly wholeCalls: WholeGridCalls,
  ) {}

  /** Asks all for their versions of these keys, or to take them out. Each version counts once, whoever told it. */
  async ask<K>(
    type: MessageType,
    entries: readonly EncodedEntry<K>[],
    options: GridCallOptions | undefined,
    isInTurn = false,
  ): Promise<FoundVersions<K>[]> {
    const asked = entries.map((entry) => ({ entry, versions: new Map<string, string>() }));
    if (asked.length === 0) return asked;
    const byKey = new Map(asked.map(({ entry, versions }) => [entry.slot, versions]));
    const collector = {
      part: (slots: readonly string[], values: readonly string[]) => {
        slots.forEach((slot, at) => {
          byKey.get(splitSlot(slot)?.key ?? '')?.set(slot, values[at] ?? '');
        });
      },
      // What was taken out is not told again.
      restart: () => {
        if (type === MessageType.GET_ENTRIES_REQUEST) for (const { versions } of asked) versions.clear();
      },
    };
    const keys = asked.map(({ entry }) => entry.slot);
    await this.wholeCalls.ask({ type, keys }, options, collector, isInTurn);
    return asked;
  }

  /** Writes own versions: those given, or what is made of the one before, which only the turn of the call knows. */
  async write<K>(
    entries: readonly EncodedEntry<K>[],
    options: CallOptions | undefined,
    isInTurn = false,
    next: (entry: EncodedEntry<K>, before: string | undefined) => string = ({ value = '' }) => value,
  ): Promise<WrittenVersion<K>[]> {
    const patience = this.calls.begin(options);
    if (entries.length === 0) return [];
    let made = false;
    const write = async (): Promise<WrittenVersion<K>[]> => {
      const grid = this.participation.grid ?? (await this.participation.joined());
      if (patience.ended) return [];
      const versions = this.service.held(grid);
      const outcomes = entries.map((entry) => {
        const before = versions.own(entry.slot);
        return { entry, before, value: next(entry, before) };
      });
      made = true;
      const written: string[] = [];
      for (const { entry, value } of outcomes) {
        const own = versions.ownSlot(entry.slot);
        grid.held.set(own, value);
        written.push(own);
      }
      await grid.held.spread(written);
      return outcomes;
    };
    const slots = entries.map(({ slot }) => slot);
    const running = isInTurn ? write() : this.calls.inTurn(slots, patience, write);
    return this.calls.end(running, patience, {
      unanswered: (cause) => unfinished(made, cause),
      exposed: () => made,
    });
  }
}
