import { type Base, sameBase } from '../bootstrap/base.js';
import { type Entry, origin } from '../core/entry.js';
import type { RaftCore } from '../core/raft-core.js';
import type { SnapshotOffset } from '../core/ready.js';
import type { SnapshotChunk } from '../core/state.js';
import { ClosedError, ConfigurationError } from '../errors.js';
import type { MemberId } from '../identity/member-id.js';
import type { Clock } from '../ports/clock.js';
import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import { Pace } from './pace.js';
import { isSnapshotDue, keptBytes, type SnapshotPolicy, type Unsaved } from './snapshot-policy.js';
import { digesting, restoreFrom, writeSnapshot } from './transcribe.js';

export interface SnapshotsOptions {
  readonly gridId: string;
  readonly core: RaftCore;
  readonly machine: StateMachine;
  readonly store: SnapshotStore;
  readonly policy: SnapshotPolicy;
  /** The one that the machine was restored from at the start. */
  readonly restored: StoredSnapshot | undefined;
  readonly clock: Clock;
  /** What the machine stands for, and the configuration as of that. */
  readonly applied: () => Pick<SnapshotMeta, 'position' | 'configuration'>;
  /** The core has something to do. */
  readonly wake: () => void;
  /** The log begins behind a snapshot that is durable. */
  readonly compacted: () => void;
  /** The machine stands at a snapshot that came from the leader. */
  readonly installed: (meta: SnapshotMeta) => void;
  /** A state of this grid was handed out from here. */
  readonly exported: (base: Base) => void;
  readonly failed: (error: unknown) => void;
  /** A snapshot could not be written, read or sent. Consensus goes on without it. */
  readonly warn: (error: unknown) => void;
}

/** A state that leaves the grid. */
export interface StateExport {
  readonly meta: SnapshotMeta;
  readonly state: AsyncIterable<Uint8Array>;
}

/** A snapshot on its way to a follower: one chunk at a time, from the offset that the follower asks for. */
interface Outgoing {
  readonly snapshot: StoredSnapshot;
  /** When something of it was last sent (ms); Infinity while a chunk is read. */
  sentAt: number;
  /** Of the chunk that was sent last. */
  offset: number;
  /** It was asked which one it waits for, since it did not answer that. */
  inquired: boolean;
}

/** Takes snapshots and compacts the log behind them, sends them to followers that are too far behind, and installs those that come. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #outgoing = new Map<MemberId, Outgoing>();
  #taking: Promise<void> | undefined;
  /** The one that can be sent; index -1 for none. */
  #last = { index: -1, size: 0 };
  #unsaved: Unsaved = nothing;
  /** Of the one that comes in. */
  #writer: SnapshotWriter | undefined;
  /** Until all chunks that came are kept; undefined when they are. */
  #keeping: Promise<void> | undefined;
  /** How often what had come in was given up. */
  #givenUp = 0;
  /** One snapshot is written, or restored, at a time: so the last one that is begun, and the last that is completed, is the latest. */
  #work: Promise<void> = Promise.resolve();
  readonly #pace: Pace;
  /** States of this grid that were handed out, the latest last. */
  readonly #handedOut: Base[] = [];
  #stopped = false;
  /** The last that the machine was put in. */
  #restored: SnapshotMeta | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#pace = new Pace(options.clock);
    const { restored } = options;
    if (restored) this.#last = { index: restored.meta.position.index, size: restored.size };
  }

  stop(): void {
    this.#stopped = true;
    this.#pace.end();
    this.#outgoing.clear();
  }

  /**
   * The state as of what is applied, cut now and produced while iterating, which is to be done once, and to the end for the state to
   * be one that the grid knows of.
   * @throws {ConfigurationError} when the state machine has no `snapshot`
   */
  export(): StateExport {
    const { machine, gridId, exported } = this.#options;
    if (!machine.snapshot) throw new ConfigurationError('stateMachine', 'has no snapshot');
    const meta = this.standing;
    const { position, configuration } = meta;
    const digested = digesting(machine.snapshot(), configuration, this.#pace, (digest) => {
      const base = { gridId, position, digest };
      this.handedOut(base);
      exported(base);
    });
    return { meta, state: digested };
  }

  /** What the machine stands for: what is applied, or a snapshot that was installed when the log was not to go on any more. */
  get standing(): SnapshotMeta {
    const { position, configuration } = this.#options.applied();
    const { index, term, time } = position;
    if (this.#restored && this.#restored.position.index > index) return this.#restored;
    return { gridId: this.#options.gridId, position: { index, term, time }, configuration };
  }

  /** A state of this grid was given to someone, who may come back with it. */
  handedOut(base: Base): void {
    if (base.gridId !== this.#options.gridId || this.isOfThisGrid(base)) return;
    this.#handedOut.push(base);
    if (this.#handedOut.length > rememberedBases) this.#handedOut.shift();
  }

  /** Whether a state that someone holds is certainly one of this grid, whose log goes on behind it. */
  isOfThisGrid(base: Base): boolean {
    const { commitIndex } = this.#options.core.log;
    return base.position.index <= commitIndex && this.#handedOut.some((known) => sameBase(known, base));
  }

  /** After a stop: resolves when what was being written is dropped. */
  async ended(): Promise<void> {
    await this.#work;
    await this.#dropIncoming();
  }

  /** Entries were applied: takes a snapshot if it is time. */
  applied(entries: readonly Entry[]): void {
    const { policy, core } = this.#options;
    this.#unsaved = add(this.#unsaved, entries);
    if (this.#taking || core.isReceiving || !isSnapshotDue(policy, this.#unsaved, this.#last.size)) return;
    this.take().catch((error: unknown) => this.#warn(error));
  }

  /** Takes one now, and compacts the log behind it. Resolves when it is stored; one that is being taken already counts. */
  take(): Promise<void> {
    this.#taking ??= this.#afterOtherWork(() => this.#take()).finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  #afterOtherWork(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #take(): Promise<void> {
    const { machine, store } = this.#options;
    if (this.#stopped) throw new ClosedError();
    if (this.#writer) await this.#giveUpIncoming();
    const meta = this.standing;
    const { index } = meta.position;
    if (!machine.snapshot || index === origin.index) return;
    const chunks = machine.snapshot();
    this.#unsaved = nothing;
    const stored = await writeSnapshot(store, meta, chunks, this.#pace);
    if (this.#stopped) return;
    this.#last = { index, size: stored.size };
    this.#compact(index);
  }

  /** Keeps what followers that are a little behind, or that receive a snapshot just now, will need next. */
  #compact(snapshotIndex: number): void {
    const { core, policy } = this.#options;
    let index = snapshotIndex;
    let bytes = 0;
    while (index > core.log.base.index && snapshotIndex - index < policy.keepEntries) {
      bytes += core.log.get(index)?.data.byteLength ?? 0;
      if (bytes > keptBytes) break;
      index--;
    }
    if (core.log.bytes < maxHeldBytes) {
      for (const { snapshot } of this.#outgoing.values()) index = Math.min(index, snapshot.meta.position.index);
    }
    if (index <= core.log.base.index) return;
    core.compact(index);
    this.#options.compacted();
  }

  /** Followers wait for a snapshot. */
  wanted(members: readonly MemberId[]): void {
    for (const member of members) {
      this.#begin(member).catch((error: unknown) => this.#warn(error));
    }
  }

  async #begin(member: MemberId): Promise<void> {
    const { core, store, gridId } = this.#options;
    if (
      (await store.latest(gridId))?.meta.position.index !== this.#last.index ||
      this.#last.index < core.log.base.index
    )
      await this.take();
    const snapshot = await store.latest(gridId);
    if (!snapshot || this.#stopped) return;
    const outgoing = { snapshot, sentAt: Number.POSITIVE_INFINITY, offset: 0, inquired: false };
    this.#outgoing.set(member, outgoing);
    await this.#send(member, outgoing, 0);
  }

  /**
   * Followers say from which offset they want which snapshot. What is not news, and was not asked for, was said before, by an answer that
   * came twice or late: were it answered too, each chunk from then on would be sent once more.
   */
  asked(offsets: readonly SnapshotOffset[]): void {
    for (const { from, index, offset } of offsets) {
      const outgoing = this.#outgoing.get(from);
      if (outgoing?.snapshot.meta.position.index !== index || offset >= Math.max(outgoing.snapshot.size, 1)) continue;
      if (offset <= outgoing.offset && !outgoing.inquired) continue;
      this.#send(from, outgoing, offset).catch((error: unknown) => this.#warn(error));
    }
  }

  async #send(member: MemberId, outgoing: Outgoing, offset: number): Promise<void> {
    const { core, clock, wake } = this.#options;
    const { snapshot } = outgoing;
    outgoing.sentAt = Number.POSITIVE_INFINITY;
    outgoing.offset = offset;
    outgoing.inquired = false;
    let data: Uint8Array;
    try {
      data = await snapshot.read(offset, core.limits.maxBytesPerMessage);
    } catch (error) {
      return this.#giveUp(snapshot, error);
    }
    if (this.#stopped || this.#outgoing.get(member) !== outgoing) return;
    outgoing.sentAt = clock.now();
    const { position, configuration } = snapshot.meta;
    const done = offset + data.byteLength >= snapshot.size;
    core.sendSnapshotChunk(member, { position, configuration, offset, data, done }, clock.now());
    wake();
  }

  /**
   * A chunk that was not answered for a while may be lost, or be under way still, where it would only be in its own way once more: one without
   * data is answered by the offset that the follower waits for.
   */
  #inquire(member: MemberId, outgoing: Outgoing): void {
    const { core, clock, wake } = this.#options;
    const { position, configuration } = outgoing.snapshot.meta;
    outgoing.inquired = true;
    outgoing.sentAt = clock.now();
    const chunk = { position, configuration, offset: outgoing.offset, data: new Uint8Array(0), done: false };
    core.sendSnapshotChunk(member, chunk, clock.now());
    wake();
  }

  /** It cannot be read: those that wait for it are sent a newer one or, where it is the newest, one of what the machine holds now. */
  #giveUp(snapshot: StoredSnapshot, error: unknown): void {
    const waiting = [...this.#outgoing].filter(([, outgoing]) => outgoing.snapshot === snapshot);
    if (waiting.length === 0) return;
    for (const [member] of waiting) this.#outgoing.delete(member);
    if (snapshot.meta.position.index === this.#last.index) this.#last = { ...this.#last, index: -1 };
    this.#warn(error);
  }

  /** Asks after what was not answered for a while, and forgets followers that have what they need. */
  sweep(): void {
    const { core, clock } = this.#options;
    for (const [member, outgoing] of this.#outgoing) {
      if (core.progress.get(member)?.state !== 'snapshot') this.#outgoing.delete(member);
      else if (clock.now() - outgoing.sentAt > core.timing.followerMaxIdleInMs) this.#inquire(member, outgoing);
    }
    for (const { member, state } of core.progress.values()) {
      if (state === 'snapshot' && !this.#outgoing.has(member)) this.wanted([member]);
    }
  }

  /** Chunks came, in order. */
  received(chunks: readonly SnapshotChunk[]): void {
    const givenUp = this.#givenUp;
    for (const chunk of chunks) {
      const kept = this.#afterOtherWork(() => this.#keep(chunk, givenUp))
        .catch((error: unknown) => this.#options.failed(error))
        .finally(() => {
          if (this.#keeping === kept) this.#keeping = undefined;
        });
      this.#keeping = kept;
    }
  }

  /** Does what is to follow when all chunks that came are kept, unless they are given up: at once where none is waiting. */
  whenKept(action: () => void): void {
    if (!this.#keeping) return action();
    const givenUp = this.#givenUp;
    void this.#keeping.then(() => {
      if (!this.#stopped && givenUp === this.#givenUp) action();
    });
  }

  async #keep(chunk: SnapshotChunk, givenUp: number): Promise<void> {
    // The core does not wait for it any more, and may have gone on: to restore it would undo that.
    if (this.#stopped || givenUp !== this.#givenUp) return;
    const { machine, wake } = this.#options;
    let stored: StoredSnapshot | undefined;
    try {
      stored = await this.#write(chunk);
      if (!stored || this.#stopped) return;
      await restoreFrom(stored, machine, this.#pace);
    } catch (error) {
      await this.#giveUpIncoming();
      this.#warn(error);
      return wake();
    }
    this.#restored = stored.meta;
    if (this.#stopped) return;
    // At once: who is answered by what was restored may ask where this member stands. Where it fails, no other snapshot helps: the member stops.
    this.#goOnFrom(stored);
    wake();
  }

  /** Keeps a chunk. With the last one the snapshot is complete, and returned. */
  async #write({ offset, data, done, position, configuration }: SnapshotChunk): Promise<StoredSnapshot | undefined> {
    const { store, gridId } = this.#options;
    if (offset === 0) {
      await this.#dropIncoming();
      this.#writer = store.create({ gridId, position, configuration });
    }
    if (data.byteLength > 0) await this.#writer?.append(data);
    if (!done || !this.#writer) return undefined;
    const stored = await this.#writer.complete();
    this.#writer = undefined;
    return stored;
  }

  /** Whatever came in until now is of no use: the leader begins anew. */
  async #giveUpIncoming(): Promise<void> {
    this.#givenUp++;
    this.#options.core.snapshotFailed();
    await this.#dropIncoming();
  }

  async #dropIncoming(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.abort().catch(() => undefined);
  }

  #warn(error: unknown): void {
    if (!this.#stopped) this.#options.warn(error);
  }

  #goOnFrom({ meta, size }: StoredSnapshot): void {
    const { core, clock, installed, compacted } = this.#options;
    const { position, configuration } = meta;
    this.#last = { index: position.index, size };
    this.#unsaved = nothing;
    core.snapshotInstalled(position, configuration, clock.now());
    compacted();
    installed(meta);
  }
}

/** So many of the states that were handed out are known, so that who comes with one need not be sent another. */
const rememberedBases = 64;

/** A log that is larger is compacted even where a follower that receives a snapshot will need another. */
const maxHeldBytes = 64 * 1024 * 1024;

const nothing: Unsaved = { entries: 0, bytes: 0, firstTime: 0, lastTime: 0 };

function add(unsaved: Unsaved, entries: readonly Entry[]): Unsaved {
  const first = entries[0];
  const last = entries[entries.length - 1];
  if (!first || !last) return unsaved;
  let { bytes } = unsaved;
  for (const { data } of entries) bytes += data.byteLength;
  const firstTime = unsaved.entries === 0 ? first.time : unsaved.firstTime;
  return { entries: unsaved.entries + entries.length, bytes, firstTime, lastTime: last.time };
}
