import { MessageType } from '@hamok/messages';
import type { CommittedCommand, MemberId, MembersChange, SnapshotOrigin, StateMachine } from '../consensus.js';
import { UnsupportedCommandError } from '../errors.js';
import { Admission } from './admission.js';
import { type Command, decodeCommand, isNewer } from './command.js';
import { Contents, modelOf } from './contents.js';
import type { ReplicatedSession, SessionObserver } from './replicated-session.js';
import { Refusal, type Result } from './result.js';
import { readSnapshot, snapshotOf } from './snapshot.js';
import type { StorageState } from './storage-state.js';

/** Learns which state stands behind a storage id: now, and whenever it begins to exist or is replaced by a restored one. */
export type StorageObserver = (state: StorageState | undefined) => void;

export interface ReplicatedStateOptions {
  /** This member, as its engine names it now. */
  readonly self: () => MemberId;
  /** The end of this member's session. */
  readonly session: SessionObserver;
  readonly maxInFlight: number;
  readonly maxCommandBytes: number;
}

/** What all collections of a grid hold, as one state machine: the same on every member, whatever facades it has. */
export class ReplicatedState implements StateMachine {
  readonly #options: ReplicatedStateOptions;
  readonly #admission: Admission;
  readonly #observers = new Map<string, StorageObserver>();
  #contents = new Contents();

  constructor(options: ReplicatedStateOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
  }

  get members(): MemberId[] {
    return [...this.#contents.sessions.keys()];
  }

  storage(storageId: string): StorageState | undefined {
    return this.#contents.storages.get(storageId);
  }

  /** Calls the observer at once, and at each change, until the returned function is called. One observer a storage. */
  observe(storageId: string, observer: StorageObserver): () => void {
    this.#observers.set(storageId, observer);
    observer(this.storage(storageId));
    return () => this.#observers.delete(storageId);
  }

  admit(from: MemberId, command: Uint8Array): string | undefined {
    return this.#admission.check(this.#contents.sessions, from, command);
  }

  apply(entry: CommittedCommand): void {
    const command = this.#admission.decoded(entry.command) ?? decodeCommand(entry.command);
    if (isNewer(command)) throw new UnsupportedCommandError(command.version, entry.index);
    const session = command && this.#contents.sessions.get(command.member);
    // What is applied already, what comes too early, and what has no session, is a no-op.
    if (command === undefined || command.sequence - 1 !== session?.lastApplied) return;
    session.acknowledge(command.acknowledged);
    this.#carryOut(session, command, entry);
  }

  membersChanged(change: MembersChange): void {
    for (const member of change.left) this.#close(member);
    for (const member of change.joined) {
      if (!this.#contents.sessions.has(member)) this.#attach(this.#contents.openSession(member));
    }
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return snapshotOf(this.#contents);
  }

  async restore(origin: SnapshotOrigin, data: AsyncIterable<Uint8Array>): Promise<void> {
    // Before the first entry there is nothing: a member that returns as a new incarnation begins there.
    const restored = origin.index < 0 ? new Contents() : await readSnapshot(data);
    // Membership is the engine's to say: an imported snapshot may come from a grid with other members.
    const members = new Set(origin.members);
    for (const member of [...restored.sessions.keys()]) if (!members.has(member)) restored.sessions.delete(member);
    for (const member of members) if (!restored.sessions.has(member)) restored.openSession(member);
    this.#replace(restored);
  }

  leading(term: number | undefined): void {
    this.#admission.leading(term, this.#contents.sessions.values());
  }

  /** No collection of this release sends frames directly. */
  receive(): void {}

  #carryOut(session: ReplicatedSession, command: Command, entry: CommittedCommand): void {
    const { storageId, storageKind } = command;
    const storage = storageId === undefined ? undefined : this.#storageFor(storageId, storageKind);
    const result = storage instanceof Refusal ? storage : run(storage, command, entry);
    session.record(result);
    if (storage !== undefined && !(storage instanceof Refusal)) storage.publish();
    session.observer?.applied(command.sequence, result);
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
    for (const [storageId, observer] of this.#observers) observer(this.storage(storageId));
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

function run(storage: StorageState | undefined, command: Command, entry: CommittedCommand): Result {
  if (command.type === MessageType.NO_OP_REQUEST) return undefined;
  if (storage === undefined) return new Refusal('bad-command');
  if (command.type === MessageType.STORAGE_OPEN_REQUEST) return true;
  if (modelOf(storage.kind)?.accepts(command) !== true) return new Refusal('bad-command');
  return storage.apply(command, entry);
}
