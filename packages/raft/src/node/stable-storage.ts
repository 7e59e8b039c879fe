import type { Base } from '../bootstrap/base.js';
import type { Binding } from '../bootstrap/search.js';
import { type Configuration, memberChanges } from '../core/configuration.js';
import { type LogPosition, origin } from '../core/entry.js';
import type { HardState } from '../core/options.js';
import { StoredStateError } from '../errors.js';
import { idOf, type MemberId } from '../identity/member-id.js';
import type { LogStore, StoredLog } from '../ports/log-store.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import { checkMeta } from '../snapshots/check-meta.js';
import type { Pace } from '../snapshots/pace.js';
import { restoreFrom, writeSnapshot } from '../snapshots/transcribe.js';
import type { ReplicaOptions } from './replica.js';

/** With what a replica goes on where another run, or another grid, ended. */
export type Inheritance = Partial<ReplicaOptions> &
  Required<Pick<ReplicaOptions, 'base' | 'configuration' | 'hardState' | 'entries'>>;

/** As whom, and in which grid, a member goes on. */
export interface Restart {
  readonly member: MemberId;
  readonly binding: Binding;
  readonly inherited: Inheritance;
}

/**
 * What a member finds of its earlier run: where it goes on, or else which incarnation it must not be any more, and what its log is
 * worth to a new grid.
 */
export type Remains = Restart | { readonly lost: MemberId; readonly base: Base | undefined };

/** Of the state that a log makes. Logs of one grid that end with the same entry are equal (paper §5.3), so nothing else tells them apart. */
const logDigest = 'log';

export interface StableStorageOptions {
  readonly logStore: LogStore;
  readonly snapshotStore: SnapshotStore;
  readonly stateMachine: StateMachine;
  readonly pace: Pace;
  /** The store failed, and there is no call to tell. */
  readonly failed: (error: Error) => void;
}

/** What a member must not forget (paper, figure 2), and its snapshots, as one: each is of use only with the other. */
export class StableStorage {
  readonly #options: StableStorageOptions;
  /** What an incarnation left that may have forgotten promises: entries of its grid, and nothing else. */
  #headStart: StoredLog | undefined;

  constructor(options: StableStorageOptions) {
    this.#options = options;
  }

  /** @throws {StoredStateError} when it is that of another member, or a part is missing; and what the store throws. */
  async open(id: string, resume: (member: MemberId, lastRun: MemberId) => MemberId): Promise<Remains | undefined> {
    const { logStore, failed } = this.#options;
    const stored = await logStore.open(id, failed);
    if (!stored) return undefined;
    const { member, gridId, founders: members } = stored.owner;
    const { run: lastRun = member } = stored.hardState;
    if (idOf(member) !== id) throw new StoredStateError(`the log is that of ${member}, not of ${id}`);
    if (!stored.complete) {
      this.#headStart = stored;
      const { index, term, time } = lastOf(stored);
      const base = index < 0 ? undefined : { gridId, position: { index, term, time }, digest: logDigest };
      return { lost: lastRun, base };
    }
    // Before it says anything as that.
    await logStore.append({ hardState: { ...stored.hardState, run: resume(member, lastRun) }, entries: [] });
    const inherited = await this.#restore(stored);
    if (inherited.base !== stored.base) await logStore.compact(inherited.base, inherited.configuration);
    return { member, binding: { gridId, members, joining: !members.includes(member) }, inherited };
  }

  /**
   * For a grid all of whose members may have forgotten something: puts the machine in the state that all of the log makes, committed or not,
   * with which those members begin another.
   */
  async beginWithHeadStart(founders: readonly MemberId[]): Promise<Inheritance | undefined> {
    const stored = this.#headStart;
    if (!stored) return undefined;
    const { index, term, time } = lastOf(stored);
    const found = await this.#restore(stored);
    const known = replay(this.#options.stateMachine, found, stored.owner.founders);
    const position = found.entries.length > 0 || found.base === stored.base ? { index, term, time } : found.base;
    const configuration = { voters: founders, learners: [] };
    return { base: position, configuration, known, hardState: { term: position.term, vote: undefined }, entries: [] };
  }

  /** Makes durable that a member belongs to a grid from now on, before it says anything in there. */
  async bind(
    member: MemberId,
    run: MemberId | undefined,
    binding: Binding,
    given: Inheritance | undefined,
  ): Promise<Inheritance> {
    const { gridId, members: founders } = binding;
    const inherited = given ? await this.#save(gridId, given) : await this.#headStartIn(gridId, founders);
    const { base, configuration, hardState, entries } = inherited;
    await this.#options.logStore.begin({
      owner: { member, gridId, founders },
      base,
      configuration,
      hardState: { ...hardState, run },
      entries,
    });
    return inherited;
  }

  /** Forgets everything, since its owner will be another member. */
  async clear(): Promise<void> {
    this.#headStart = undefined;
    await this.#options.logStore.clear();
  }

  close(): Promise<void> {
    return this.#options.logStore.close();
  }

  /** Restores the machine from the latest snapshot, and says how the log goes on from there (paper §7). */
  async #restore({ owner, base, configuration, entries, hardState }: StoredLog): Promise<Inheritance> {
    const { snapshotStore, stateMachine, pace } = this.#options;
    const snapshot = await snapshotStore.latest(owner.gridId);
    if (!snapshot || snapshot.meta.position.index < base.index) {
      if (base.index === origin.index) return { base, configuration, entries, hardState };
      const problems = ['no snapshot reaches that far', ...(snapshotStore.damage ?? [])];
      throw new StoredStateError(`the log begins after entry ${base.index}, and ${problems.join('; ')}`);
    }
    checkMeta(snapshot.meta);
    await restoreFrom(snapshot, stateMachine, pace);
    const { position, configuration: known } = snapshot.meta;
    const found = { hardState: atLeast(hardState, position), appliedIndex: position.index, known, restored: snapshot };
    const at = position.index - base.index;
    const agrees = (at === 0 ? base : entries[at - 1])?.term === position.term;
    return agrees
      ? { base, configuration, entries, ...found }
      : { base: position, configuration: known, entries: [], ...found };
  }

  /** The state of the machine becomes the first snapshot of a grid. */
  async #save(gridId: string, inherited: Inheritance): Promise<Inheritance> {
    const { snapshotStore, stateMachine, pace } = this.#options;
    const { base: position, configuration } = inherited;
    if (position.index === origin.index || !stateMachine.snapshot) return inherited;
    const restored = await writeSnapshot(
      snapshotStore,
      { gridId, position, configuration },
      stateMachine.snapshot(),
      pace,
    );
    return { ...inherited, restored };
  }

  /** What an earlier incarnation left counts as log only: nobody waits for its vote, and it stood in no term (rule 10). */
  async #headStartIn(gridId: string, founders: readonly MemberId[]): Promise<Inheritance> {
    const stored = this.#headStart;
    this.#headStart = undefined;
    if (stored?.owner.gridId === gridId) {
      return await this.#restore({ ...stored, hardState: { term: lastOf(stored).term, vote: undefined } });
    }
    const hardState: HardState = { term: origin.term, vote: undefined };
    return { base: origin, configuration: { voters: founders, learners: [] }, hardState, entries: [] };
  }
}

function lastOf({ entries, base }: Pick<StoredLog, 'entries' | 'base'>): LogPosition {
  return entries[entries.length - 1] ?? base;
}

/** Applies what a log holds behind the state of the machine. Returns the members as of its end. */
function replay(machine: StateMachine, found: Inheritance, founders: readonly MemberId[]): Configuration {
  const { base, entries, appliedIndex = base.index } = found;
  let known = found.known;
  const follow = (index: number, next: Configuration): void => {
    const { joined, left } = memberChanges(known, next);
    known = next;
    if (joined.length > 0 || left.length > 0) machine.membersChanged?.({ index, joined, left });
  };
  if (!known) follow(base.index, { voters: founders, learners: [] });
  for (const { index, term, time, kind, data, configuration } of entries) {
    if (index <= appliedIndex) continue;
    if (kind === 'command') machine.apply({ index, term, time, data });
    else if (configuration) follow(index, configuration);
  }
  return known ?? found.configuration;
}

/** A snapshot from a leader may be of a later term than the last that was recorded before a crash. */
function atLeast(hardState: HardState, { term }: LogPosition): HardState {
  return hardState.term >= term ? hardState : { term, vote: undefined };
}
