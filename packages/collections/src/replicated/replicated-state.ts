import { MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { CommittedCommand, MemberId, MembersChange, SnapshotOrigin, StateMachine } from '../consensus.js';
import { UnsupportedCommandError } from '../errors.js';
import { Admission } from './admission.js';
import { type Command, decodeCommand, isFromLeader, isNewer, type LeaderCommand } from './command.js';
import { Contents, modelOf } from './contents.js';
import { LogClock } from './log-clock.js';
import type { ReplicatedSession, SessionObserver } from './replicated-session.js';
import { Refusal, type Result } from './result.js';
import { readSnapshot, snapshotOf } from './snapshot.js';
import type { LogPosition, Members, StorageState } from './storage-state.js';
import { TimeDuty } from './time-duty.js';

/**
 * Learns which state stands behind a storage id: now, and whenever it begins to exist or is replaced by a restored one. Where
 * changes up to a log index may have been made without being told, that is `missedUpTo`.
 */
export type StorageObserver = (state: StorageState | undefined, missedUpTo?: number) => void;

/** Learns the term while this member leads and everything of earlier terms is applied here; undefined when it does not. */
export type LeaderDuty = (term: number | undefined) => void;

export interface ReplicatedStateOptions {
  /** This member, as its engine names it now. */
  readonly self: () => MemberId;
  /** The end of this member's session. */
  readonly session: SessionObserver;
  readonly maxInFlight: number;
  readonly maxCommandBytes: number;
  readonly clock: Clock;
  /** Hands the engine a command that belongs to no session. */
  readonly propose: (command: Uint8Array) => Promise<unknown>;
  /** What other members send directly goes there. */
  readonly receive: (from: MemberId, frame: Uint8Array) => void;
}

/** What all collections of a grid hold, as one state machine: the same on every member, whatever facades it has. */
export class ReplicatedState implements StateMachine {
  readonly #options: ReplicatedStateOptions;
  readonly #admission: Admission;
  readonly #observers = new Map<string, StorageObserver>();
  readonly #logClock: LogClock;
  readonly #timeDuty: TimeDuty;
  readonly #duties = new Set<LeaderDuty>();
  #term: number | undefined;
  #applied = -1;
  #contents = new Contents();

  constructor(options: ReplicatedStateOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    this.#logClock = new LogClock(options.clock);
    this.#timeDuty = new TimeDuty(this.#logClock, options);
  }

  /** The index of the last entry whose effects are all here; -1 before the first. */
  get appliedIndex(): number {
    return this.#applied;
  }

  /** Log time now, in ms: an estimate that is never ahead. Exact enough for people; what the grid decides by is in its entries. */
  get logTime(): number {
    return this.#logClock.now();
  }

  get members(): MemberId[] {
    return [...this.#contents.sessions.keys()];
  }

  get memberCount(): number {
    return this.#contents.sessions.size;
  }

  isMember(member: MemberId): boolean {
    return this.#contents.sessions.has(member);
  }

  storage(storageId: string): StorageState | undefined {
    return this.#contents.storages.get(storageId);
  }

  /** Calls the observer at once, and at each change, until the returned function is called. One observer a storage. */
  observe(storageId: string, observer: StorageObserver): () => void {
    this.#observers.set(storageId, observer);
    observer(this.storage(storageId), this.#applied);
    return () => {
      if (this.#observers.get(storageId) === observer) this.#observers.delete(storageId);
    };
  }

  /** Tells it at once, and at each change, until the returned function is called. */
  onLeading(duty: LeaderDuty): () => void {
    this.#duties.add(duty);
    duty(this.#term);
    return () => this.#duties.delete(duty);
  }

  admit(from: MemberId, command: Uint8Array): string | undefined {
    return this.#admission.check(this.#contents.sessions, from, command);
  }

  apply(entry: CommittedCommand): void {
    const command = this.#admission.decoded(entry.command) ?? decodeCommand(entry.command);
    if (isNewer(command)) throw new UnsupportedCommandError(command.version, entry.index);
    const { agenda } = this.#contents;
    // Every entry has a time, whatever it holds, and what is due by then comes before it.
    const changed = agenda.earliest <= entry.time ? agenda.carryOut(entry) : nothing;
    if (command === undefined) this.#publish(changed, entry);
    else if (isFromLeader(command)) this.#obey(command, entry, changed);
    else this.#change(command, entry, changed);
    this.#keepTime(entry.time);
  }

  membersChanged(change: MembersChange): void {
    for (const member of change.left) this.#close(member);
    for (const member of change.joined) {
      if (!this.#contents.sessions.has(member)) this.#attach(this.#contents.openSession(member));
    }
    for (const storage of tellMembers(this.#contents, change.index)) storage.publish();
    this.#timeDuty.next(this.#contents.agenda.earliest);
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return snapshotOf(this.#contents);
  }

  async restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    // Before the first entry there is nothing: a member that returns as a new incarnation begins there.
    const restored = origin.index < 0 ? new Contents() : await readSnapshot(data);
    // Membership is the engine's to say: an imported snapshot may come from a grid with other members.
    const members = new Set(origin.members.map((member) => latestOf(member, restored.sessions.keys())));
    for (const member of [...restored.sessions.keys()]) if (!members.has(member)) restored.sessions.delete(member);
    for (const member of members) if (!restored.sessions.has(member)) restored.openSession(member);
    tellMembers(restored, origin.index);
    this.#logClock.seen(origin.time);
    this.#applied = origin.index;
    this.#replace(restored);
    this.#timeDuty.next(restored.agenda.earliest);
  }

  leading(term: number | undefined): void {
    this.#admission.leading(term, this.#contents.sessions.values());
    this.#timeDuty.leading(term);
    this.#term = term;
    for (const duty of this.#duties) duty(term);
  }

  failed(failure: Error): void {
    this.#options.session.failed(failure);
  }

  receive(from: MemberId, frame: Uint8Array): void {
    this.#options.receive(from, frame);
  }

  /** Ends the duties of this member. What is delivered is still applied. */
  close(): void {
    this.#timeDuty.close();
  }

  #change(command: Command, at: LogPosition, changed: ReadonlySet<StorageState>): void {
    const session = this.#contents.sessions.get(command.member);
    // What is applied already, what comes too early, and what has no session, is a no-op.
    if (command.sequence - 1 !== session?.lastApplied) return this.#publish(changed, at);
    session.acknowledge(command.acknowledged);
    const { storageId, storageKind } = command;
    const storage = storageId === undefined ? undefined : this.#storageFor(storageId, storageKind);
    const result = storage instanceof Refusal ? storage : run(storage, command, at, this.#contents.sessions);
    session.record(result);
    const used = storage instanceof Refusal ? undefined : storage;
    if (storageId !== undefined && used !== undefined) this.#contents.agenda.note(storageId, used);
    this.#publish(changed, at);
    used?.publish();
    session.observer?.applied(command.sequence, result);
  }

  #obey(command: LeaderCommand, at: LogPosition, changed: ReadonlySet<StorageState>): void {
    const { storageId } = command;
    const storage = storageId === undefined ? undefined : this.#contents.storages.get(storageId);
    storage?.applyFromLeader?.(command, at);
    this.#publish(changed, at);
    storage?.publish();
  }

  /** User code runs from here on, when all that the entry does is done. */
  #publish(changed: ReadonlySet<StorageState>, { index }: LogPosition): void {
    this.#applied = index;
    for (const storage of changed) storage.publish();
  }

  #keepTime(stamp: number): void {
    const { earliest } = this.#contents.agenda;
    if (earliest !== Number.POSITIVE_INFINITY) this.#logClock.seen(stamp);
    this.#timeDuty.next(earliest);
  }

  /** The storage that a command addresses. The first command to name an id decides its kind. */
  #storageFor(storageId: string, kind: number | undefined): StorageState | Refusal {
    const existing = this.#contents.storages.get(storageId);
    if (existing !== undefined) return existing.kind === kind ? existing : new Refusal('storage-kind', existing.kind);
    const created = kind === undefined ? undefined : this.#contents.createStorage(storageId, kind);
    if (created === undefined) return new Refusal('bad-command');
    this.#observers.get(storageId)?.(created);
    return created;
  }

  #close(member: MemberId): void {
    const session = this.#contents.sessions.get(member);
    this.#contents.sessions.delete(member);
    session?.observer?.closed(member);
  }

  #attach(session: ReplicatedSession): void {
    if (session.member !== this.#options.self()) return;
    session.observer = this.#options.session;
    session.observer.opened(session.member, session.lastApplied);
  }

  #replace(contents: Contents): void {
    const before = this.#contents;
    this.#contents = contents;
    const own = contents.sessions.get(this.#options.self());
    for (const { member, observer } of before.sessions.values()) if (member !== own?.member) observer?.closed(member);
    if (own !== undefined) this.#resume(own, before.sessions.get(own.member));
    for (const [storageId, observer] of this.#observers) observer(this.storage(storageId), this.#applied);
  }

  /** Answers what was applied elsewhere meanwhile. */
  #resume(session: ReplicatedSession, before: ReplicatedSession | undefined): void {
    if (before?.observer === undefined) return this.#attach(session);
    session.observer = before.observer;
    for (let sequence = before.lastApplied + 1; sequence <= session.lastApplied; sequence++) {
      const kept = session.kept(sequence);
      if (kept !== undefined) session.observer.applied(sequence, kept.result);
    }
  }
}

const nothing: ReadonlySet<StorageState> = new Set();

/** Gives the storages that hold something for members. */
function tellMembers({ sessions, storages, agenda }: Contents, index: number): StorageState[] {
  const members = new Set(sessions.keys());
  const told: StorageState[] = [];
  for (const [storageId, storage] of storages) {
    if (storage.membersChanged === undefined) continue;
    storage.membersChanged(members, index);
    agenda.note(storageId, storage);
    told.push(storage);
  }
  return told;
}

/** A later incarnation of a member among others, or itself. */
function latestOf(member: MemberId, others: Iterable<MemberId>): MemberId {
  const at = member.lastIndexOf('@');
  let latest = member;
  for (const other of others) {
    const isSame = other.lastIndexOf('@') === at && other.startsWith(member.slice(0, at + 1));
    if (isSame && Number(other.slice(at + 1)) > Number(latest.slice(at + 1))) latest = other;
  }
  return latest;
}

function run(storage: StorageState | undefined, command: Command, at: LogPosition, members: Members): Result {
  if (command.type === MessageType.NO_OP_REQUEST) return undefined;
  if (storage === undefined) return new Refusal('bad-command');
  if (command.type === MessageType.STORAGE_OPEN_REQUEST) return true;
  if (modelOf(storage.kind)?.accepts(command) !== true) return new Refusal('bad-command');
  return storage.apply(command, at, members);
}
