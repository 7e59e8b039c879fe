import { MessageType } from '@hamok/messages';
import type { CallOptions } from '../session/call.js';
import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { CallEnd, GridCalls } from '../storage-grid/grid-calls.js';
import type { GridCallOptions } from '../storage-grid/grid-storage-options.js';
import type { Participation } from '../storage-grid/participation.js';
import type { Patience } from '../storage-grid/patience.js';
import type { Participant } from '../storage-grid/view.js';
import {
  type Collector,
  type WholeCall,
  type WholeGridCalls,
  type WholeOperation,
  wholeCall,
} from '../storage-grid/whole-grid-calls.js';
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

interface WriteCall {
  readonly patience: Patience;
  /** What was written here. */
  made: { readonly grid: EntryGrid; readonly slots: readonly string[] } | undefined;
}

type NextVersion<K> = (entry: EncodedEntry<K>, before: string | undefined) => string;

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
  ): Promise<FoundVersions<K>[]> {
    if (entries.length === 0) return [];
    const { found, operation, collector } = question(type, entries);
    await this.wholeCalls.ask(operation, options, collector);
    return found;
  }

  /** Writes own versions: those given, or what is made of the one before, which only the turn of the call knows. */
  async write<K>(
    entries: readonly EncodedEntry<K>[],
    options: CallOptions | undefined,
    next: NextVersion<K> = asGiven,
  ): Promise<readonly WrittenVersion<K>[]> {
    const patience = this.calls.begin(options);
    if (entries.length === 0) return [];
    this.calls.requireRoom(() => this.#keepersOf(entries));
    const call: WriteCall = { patience, made: undefined };
    const running = this.calls.inTurn(slotsOf(entries), patience, () => this.#write(entries, call, next));
    return this.calls.end(running, patience, this.#endOf(call, undefined));
  }

  /** Writes own versions of those entries that are chosen when all versions of them are known: one call, with one time. */
  async insert<K>(
    entries: readonly EncodedEntry<K>[],
    options: CallOptions | undefined,
    choose: (found: readonly FoundVersions<K>[]) => readonly EncodedEntry<K>[],
  ): Promise<readonly WrittenVersion<K>[]> {
    const patience = this.calls.begin(options);
    if (entries.length === 0) return [];
    this.calls.requireRoom(() => this.#keepersOf(entries));
    const { found, operation, collector } = question(MessageType.GET_ENTRIES_REQUEST, entries);
    const read = wholeCall(operation, collector, patience);
    const call: WriteCall = { patience, made: undefined };
    const insert = async (): Promise<readonly WrittenVersion<K>[]> => {
      await this.wholeCalls.run(read);
      if (patience.ended) return [];
      const chosen = choose(found);
      return chosen.length === 0 ? [] : this.#write(chosen, call, asGiven);
    };
    const running = this.calls.inTurn(slotsOf(entries), patience, insert);
    return this.calls.end(running, patience, this.#endOf(call, read));
  }

  /** @param read what comes before the write */
  #endOf(call: WriteCall, read: WholeCall | undefined): CallEnd {
    const silent = ({ made }: WriteCall): Iterable<Participant> => {
      if (made !== undefined) return made.grid.silent(made.slots);
      return read === undefined ? [] : this.wholeCalls.silent(read);
    };
    return {
      unanswered: (cause) => this.calls.unchanged(silent(call), call.made !== undefined, cause),
      exposed: () => call.made !== undefined,
      stuckWith: () => this.#stuckWith(call),
      ...(read === undefined ? {} : { workedOnAt: () => this.wholeCalls.workedOnAt(read, false) }),
    };
  }

  #stuckWith({ made }: WriteCall): Iterable<Participant> {
    const grid = made?.grid ?? this.participation.grid;
    return grid?.silent(made?.slots) ?? [];
  }

  /** Those who keep copies of this participant's versions. */
  *#keepersOf(entries: readonly EncodedEntry<unknown>[]): Iterable<Participant> {
    const { grid } = this.participation;
    if (grid === undefined) return;
    const versions = this.service.held(grid);
    for (const { slot } of entries) yield* grid.keepersOf(versions.ownSlot(slot), grid.self);
  }

  async #write<K>(
    entries: readonly EncodedEntry<K>[],
    call: WriteCall,
    next: NextVersion<K>,
  ): Promise<readonly WrittenVersion<K>[]> {
    const grid = this.participation.grid ?? (await this.participation.joined());
    if (call.patience.ended) return [];
    const versions = this.service.held(grid);
    const outcomes = entries.map((entry) => {
      const before = versions.own(entry.slot);
      return { entry, before, value: next(entry, before) };
    });
    const written: string[] = [];
    call.made = { grid, slots: written };
    for (const { entry, value } of outcomes) {
      const own = versions.ownSlot(entry.slot);
      grid.held.set(own, value);
      written.push(own);
    }
    await grid.held.change(written);
    return outcomes;
  }
}

function asGiven<K>({ value = '' }: EncodedEntry<K>): string {
  return value;
}

/** What all are asked, and where their answers are found. */
function question<K>(
  type: MessageType,
  entries: readonly EncodedEntry<K>[],
): { readonly found: FoundVersions<K>[]; readonly operation: WholeOperation; readonly collector: Collector } {
  const found = entries.map((entry) => ({ entry, versions: new Map<string, string>() }));
  const byKey = new Map(found.map(({ entry, versions }) => [entry.slot, versions]));
  const collector = {
    part: (slots: readonly string[], values: readonly string[]) => {
      slots.forEach((slot, at) => {
        byKey.get(splitSlot(slot)?.key ?? '')?.set(slot, values[at] ?? '');
      });
    },
    // What was taken out is not told again.
    restart: () => {
      if (type === MessageType.GET_ENTRIES_REQUEST) for (const { versions } of found) versions.clear();
    },
  };
  return { found, operation: { type, keys: slotsOf(entries) }, collector };
}

function slotsOf(entries: readonly EncodedEntry<unknown>[]): string[] {
  return entries.map(({ slot }) => slot);
}
