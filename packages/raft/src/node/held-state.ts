import type { Base } from '../bootstrap/base.js';
import type { Binding } from '../bootstrap/search.js';
import type { StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import { checkMeta } from '../snapshots/check-meta.js';
import type { Pace } from '../snapshots/pace.js';
import { baseOf, restoreFrom } from '../snapshots/transcribe.js';
import type { Inheritance, StableStorage } from './stable-storage.js';

/** The state that a member can begin with, until it is in a grid: a snapshot that it was given, or what its storage makes of a log. */
export class HeldState {
  #snapshot: StoredSnapshot | undefined;
  #base: Base | undefined;

  constructor(
    private readonly machine: StateMachine,
    private readonly pace: Pace,
    private readonly storage: StableStorage | undefined,
  ) {}

  /** Which state that is; undefined for none. */
  get base(): Base | undefined {
    return this.#base;
  }

  /** @throws {StoredStateError} */
  async take(snapshot: StoredSnapshot): Promise<void> {
    checkMeta(snapshot.meta);
    this.#base = await baseOf(snapshot, this.pace);
    this.#snapshot = snapshot;
  }

  /** The storage makes it of a log. */
  takeLog(base: Base): void {
    this.#base = base;
  }

  drop(): void {
    this.#snapshot = undefined;
    this.#base = undefined;
  }

  /** Puts the machine in this state, if the grid goes on from there. */
  async begin({ base, joining, members }: Binding): Promise<Inheritance | undefined> {
    if (!base || !this.#base) return undefined;
    const snapshot = this.#snapshot;
    if (!snapshot) return joining ? undefined : await this.storage?.beginWithHeadStart(members);
    // A new grid has members of its own; in the one that the state is of, those of that time were its members.
    const configuration = joining ? snapshot.meta.configuration : { voters: members, learners: [] };
    const read = (offset: number, length: number): Promise<Uint8Array> => snapshot.read(offset, length);
    await restoreFrom(
      { meta: { ...snapshot.meta, configuration }, size: snapshot.size, read },
      this.machine,
      this.pace,
    );
    const { position } = base;
    const hardState = { term: position.term, vote: undefined };
    return { base: position, configuration, known: configuration, hardState, entries: [] };
  }

  /** The grid that it is of, where that is another than the one whose member this is, or whose state that began with. */
  foreignTo({ gridId, parentGridId, base }: Binding): string | undefined {
    const held = this.#base?.gridId;
    return base === undefined && held !== gridId && held !== parentGridId ? held : undefined;
  }
}
