import type * as product from '@hamok/collections';
import type { Collections, FederatedStorage, MemberId, SeparatedStorage } from '@hamok/collections';
import { InMemoryGrid } from '@hamok/collections/testing';
import { Situations } from '../coverage/situations.js';
import { Violation } from '../invariants/invariant.js';
import type { SeededRandom } from '../random.js';
import { Tally } from '../tally.js';
import { EventQueue } from '../world/event-queue.js';
import type { Trace } from '../world/trace.js';
import type { Found } from './at-rest.js';
import type { Call } from './calls.js';
import { describeStorageFrame } from './describe-frame.js';
import { storageFaults } from './faults/index.js';
import { FrameNetwork } from './frame-network.js';
import { History } from './history.js';
import { Host } from './host.js';
import { type OpenCall, type StorageInvariant, storageInvariants } from './invariants/index.js';
import { Losses } from './losses.js';
import { Participations } from './participations.js';
import type { StoragesPlan } from './plan.js';

/** The module that is simulated: the product as it is, or a copy with a bug in it. */
export type StoragesProduct = Pick<typeof product, 'Collections'>;

/** Values are lists, as merged ones are of all that were written; what is written has one item. */
export type SharedStorage = SeparatedStorage<string, readonly number[]> | FederatedStorage<string, readonly number[]>;

export interface Taker {
  readonly host: Host;
  readonly collections: Collections;
  storage: SharedStorage;
  /** As whom it writes: one that takes part anew is another writer. */
  writer: number;
  /** How many faults let it go, now or soon, without having brought it back. */
  leaving: number;
}

const hotForMs = 3000;
/** Twice `followerMaxIdleInMs`, as it is by default: until then a member believes that it is led (ms). */
const longestWithoutLeader = 2000;

/** Members that share a storage, on virtual time, over an engine that agrees at once and a network that does not. */
export class StoragesWorld {
  readonly queue = new EventQueue();
  readonly operations = new Tally();
  readonly situations = new Situations();
  readonly faults = new Tally(storageFaults.map(({ name }) => name));
  /** In the order in which they were made. */
  readonly calls = new Set<OpenCall>();
  readonly history = new History(
    () => this.queue.now,
    () => this.#firstCall()?.begin ?? this.queue.now,
  );
  readonly network: FrameNetwork;
  readonly grid: InMemoryGrid;
  readonly takers: Taker[] = [];
  readonly keys: readonly string[];
  /** Of the members that it begins with. */
  readonly names: readonly string[];
  readonly losses: Losses;
  readonly #invariants: readonly StorageInvariant[];
  lost = 0;
  lostUnnamed = 0;
  /** How often everything was in its place, and everybody knew. */
  rests = 0;
  /** Since then: who took part, and the keys that were reported as lost. */
  readonly participations: Participations;
  readonly told = new Set<string>();
  /** Keys that a fault is about: programs ask for them more often than for others. */
  hotKeys: readonly string[] = [];
  /** What a listener was told, which would take for its own what is thrown there. */
  violation: Violation | undefined;
  #incarnations = 1;
  #writers = 0;
  /** They come back as others, and know nothing yet. */
  readonly #returning = new Set<Host>();
  #pending = 0;

  constructor(
    readonly plan: StoragesPlan,
    readonly product: StoragesProduct,
    readonly random: SeededRandom,
    readonly trace: Trace,
  ) {
    this.losses = new Losses(plan.backups);
    this.#invariants = storageInvariants(plan);
    this.names = ['a', 'b', 'c', 'd', 'e', 'i', 'j'].slice(0, plan.members);
    this.keys = Array.from({ length: plan.keys }, (_, at) => `k${at}`);
    const ids = this.names.map((name) => `${name}@1`);
    const onlookers = ['x@1', 'y@1', 'z@1'].slice(0, plan.onlookers);
    const [first = 'a@1', ...others] = [...onlookers, ...ids];
    this.grid = new InMemoryGrid([first, ...others], { now: () => this.queue.now });
    this.participations = new Participations(this.grid.log, this.grid.founders);
    this.network = new FrameNetwork(
      this.queue,
      random.fork(),
      plan,
      (from, to, frame) => {
        const host = this.takers.find((taker) => taker.host.id === to)?.host;
        if (host === undefined || host.status === 'dead') this.#noteFrame('LOST: ', from, to, frame);
        else host.receive(from, frame);
      },
      (from, to, frame) => this.#noteFrame('LOST: ', from, to, frame),
    );
    for (const id of onlookers) this.#lookOn(id);
    for (const id of ids) this.#start(id);
  }

  /** Those that run, or could. */
  get living(): Taker[] {
    return this.takers.filter(({ host }) => host.status !== 'dead');
  }

  get running(): Taker[] {
    return this.takers.filter(({ host, storage }) => host.status === 'running' && !host.removed && !storage.closed);
  }

  /** Those whose programs make calls: who was removed, and does not know, as well. */
  get serving(): Taker[] {
    return this.takers.filter(({ host, storage }) => host.status === 'running' && !storage.closed);
  }

  note(line: () => string): void {
    this.trace.add(this.queue.now, line);
  }

  #noteFrame(fate: string, from: MemberId, to: MemberId, frame: Uint8Array): void {
    const line = (): string | undefined => {
      const text = describeStorageFrame(frame);
      return text && `${fate}${from} -> ${to} ${text}`;
    };
    this.trace.add(this.queue.now, line, { from, to });
  }

  /** Schedules what belongs to a fault: nothing is settled before it happened. */
  later(delayInMs: number, run: () => void): void {
    const end = this.unsettled();
    this.queue.after(delayInMs, () => {
      end();
      run();
    });
  }

  /** Nothing is settled until what is returned was called. */
  unsettled(): () => void {
    this.#pending++;
    return () => {
      this.#pending--;
    };
  }

  /** A process with that name, and nothing that one before it knew. Undefined where one lives: no grid has two with one name. */
  join(name: string, lags = false): Host | undefined {
    if (this.#isThere(name)) return undefined;
    this.#removeAll(name);
    const id = `${name}@${++this.#incarnations}`;
    this.note(() => `${id} joins`);
    this.#scatter();
    this.grid.join(id).paused = lags;
    // Where nobody was left to lead.
    if (this.takers.some(({ host }) => host.id === this.grid.leader && host.status === 'dead'))
      this.grid.changeLeader(id);
    return this.#start(id).host;
  }

  /** Gives a member that lags the state of the leader, in place of the log; or, where there is nobody to give it, the log. */
  async sendSnapshot(host: Host): Promise<void> {
    const leader = this.takers.find((taker) => taker.host.id === this.grid.leader);
    const canGive = (leader?.host.status ?? 'running') === 'running' && leader?.host !== host;
    if (host.status === 'running' && !host.removed && canGive) {
      this.note(() => `${host.id} is given a snapshot`);
      await this.grid.sendSnapshot(host.id);
    }
    host.lags = false;
  }

  /** Programs have much to do with these for a while. @param slots of entries, which end with their keys */
  attend(slots: readonly Uint8Array[]): void {
    const texts = slots.map((slot) => new TextDecoder().decode(slot));
    const hotKeys = this.keys.filter((key) => texts.some((text) => text.endsWith(JSON.stringify(key))));
    this.hotKeys = hotKeys;
    this.queue.after(hotForMs, () => {
      if (this.hotKeys === hotKeys) this.hotKeys = [];
    });
  }

  /** The log says that it is gone. */
  remove({ host }: Taker): void {
    if (host.removed) return;
    this.note(() => `${host.id} is removed`);
    host.removedAt = this.queue.now;
    this.#departed();
    this.#scatter();
    this.grid.leave(host.id);
  }

  /** It takes part no longer, though its process goes on. */
  close({ host, storage }: Taker): void {
    this.note(() => `${host.id} closes the storage`);
    void storage.close();
    this.#departed();
  }

  /** Where nobody is left who took part, all is gone: who was removed tells of it when it comes back, and who closed the storage does not. */
  #departed(): void {
    if (!this.takers.some((taker) => isPart(taker) && membersOf(taker.storage) > 0)) this.history.reportedUnnamed();
  }

  /** Up to where in the log it knows who takes part: while it applies an entry, that one. */
  knownTo(id: MemberId): number {
    const epochs = this.takers.filter(({ host }) => host.id === id).map(({ storage }) => storage.participants.epoch);
    return Math.max(this.grid.member(id).status().applied, ...epochs);
  }

  /**
   * What is returned tells whether a member can have found out who took part when this was called: that one of those whom it asks knew of
   * more changes than itself holds it up. Where nobody did, it does not read what newcomers write to a federated storage, as STORAGES.md says.
   */
  knowsWriters({ storage }: Taker): () => boolean {
    if (this.plan.kind === 'separated') return () => true;
    const { epoch: latest } = this.participations;
    const known = new Map(this.takers.filter(isPart).map((one) => [one.host.name, one.storage.participants.epoch]));
    return () => {
      const { epoch, memberIds } = storage.participants;
      return epoch >= latest || memberIds.some((id) => (known.get(id) ?? -1) > epoch);
    };
  }

  /** Where in the log it is removed; -1 for nowhere. */
  removalOf(id: MemberId): number {
    return this.grid.members.includes(id) ? -1 : this.grid.log.findIndex(({ left }) => left?.includes(id));
  }

  /** Whether the grid can remove one that lives: a majority of those that remain follows the log. */
  canSpare({ host }: Taker): boolean {
    const dead = (id: MemberId): boolean => this.takers.some((one) => one.host.id === id && one.host.status === 'dead');
    const remaining = this.grid.members.filter((id) => id !== host.id && !dead(id));
    const following = remaining.filter((id) => !this.grid.member(id).paused);
    return 2 * following.length > remaining.length;
  }

  /** One that was removed learns of it, and comes back as another in the same process: by the state of the leader, or by the log. */
  async reincarnate(taker: Taker, by: 'snapshot' | 'log'): Promise<void> {
    const { host } = taker;
    const leader = this.takers.find((other) => other.host.id === this.grid.leader);
    const canReturn = host.status === 'running' && host.removed && (leader?.host.status ?? 'running') === 'running';
    // No grid has two with one name: another process may have come in its place.
    if (!canReturn || this.#isThere(host.name)) return host.kill();
    this.#removeAll(host.name);
    const id = `${host.name}@${++this.#incarnations}`;
    this.note(() => `${host.id} comes back as ${id}, by ${by}`);
    if (this.plan.kind === 'federated')
      for (const call of this.calls) if (call.host === host) this.history.unattributed(call.keys, call.changes);
    taker.writer = ++this.#writers;
    this.#returning.add(host);
    await this.grid.reincarnate(host.id, id, by);
    this.#returning.delete(host);
    taker.leaving--;
    host.removedAt = undefined;
  }

  /** The engine has one leader at once, and never one that is about to end. */
  abdicate({ host }: Taker): void {
    const next = this.running.find((taker) => taker.host !== host);
    if (this.grid.leader === host.id && next !== undefined) this.grid.changeLeader(next.host.id);
  }

  /** Members come in the place of those that it began with. */
  fill(): void {
    for (const name of this.names) this.join(name);
  }

  /** Whether it can go without a loss, now or soon, and another one stays. Counts it as gone then. */
  mayGo(taker: Taker): boolean {
    this.look();
    if (!this.running.some((one) => one !== taker && one.leaving === 0)) return false;
    if (!this.losses.isSafe && !this.plan.reckless) return false;
    taker.leaving++;
    this.goes();
    return true;
  }

  goes(): void {
    this.losses.goes();
    if (this.losses.arePossible) this.history.lossesHaveToBeTold = true;
  }

  /** Notes when every copy is in its place again. */
  look(): void {
    if (this.isSettled()) this.losses.settled(this.takers.filter(isPart).length);
  }

  /** Everything is in its place, everybody knows, and nothing is left that could change it. */
  rested(found: Found): void {
    this.look();
    this.rests++;
    this.participations.rested();
    this.told.clear();
    this.history.rested(found);
  }

  isSettled(): boolean {
    if (this.#pending > 0 || this.living.some(({ host }) => this.#returning.has(host))) return false;
    if (this.takers.some(({ host }) => host.status === 'dead' && !host.removed)) return false;
    const parts = this.takers.filter(isPart);
    if (!parts.every(({ storage }) => storage.settled)) return false;
    const [first, ...others] = parts.map(({ storage }) => storage.participants);
    return (
      first?.memberIds.length === parts.length &&
      others.every(({ epoch, memberIds }) => epoch === first.epoch && memberIds.length === parts.length)
    );
  }

  /** What holds after every step. */
  check(): void {
    for (const invariant of this.#invariants) invariant.onStep?.(this);
  }

  /** A call of a program begins. */
  called(call: OpenCall): void {
    this.calls.add(call);
    for (const invariant of this.#invariants) invariant.onCall?.(call, this);
  }

  asked(call: Pick<Call, 'kind' | 'keys' | 'entries'>): void {
    for (const invariant of this.#invariants) invariant.onAsked?.(call);
  }

  answered(call: Call, result: unknown): void {
    for (const invariant of this.#invariants) invariant.onAnswered?.(call, result);
  }

  /** Each that follows hears of the next change of the members in its own time. */
  #scatter(): void {
    const { logDelayInMs } = this.plan;
    const random = this.random.fork();
    if (logDelayInMs === 0) return;
    for (const { host } of this.running)
      if (host.id !== this.grid.leader && random.chance(0.5)) host.hearsLate(random.between(0, logDelayInMs));
  }

  /** To a listener, which would take for its own what is thrown there. */
  #told(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violation ??= error;
    }
  }

  /** Whether a process lives that is a member with that name. */
  #isThere(name: string): boolean {
    const isThere = (host: Host): boolean => host.status !== 'dead' && (!host.removed || this.#returning.has(host));
    return this.takers.some(({ host }) => host.name === name && isThere(host));
  }

  /** Before another one with that name comes: the log says that those before are gone, also of one that crashed just now. */
  #removeAll(name: string): void {
    for (const taker of this.takers) if (taker.host.name === name) this.remove(taker);
  }

  /** Whether the log has ended the participation of one, and a member has not heard of that. */
  #isEndUnknown(host: Host, id: MemberId): boolean {
    const taker = this.takers.find((one) => one.host === host);
    return taker !== undefined && this.participations.hasEnded(id, taker.storage.participants.epoch);
  }

  /**
   * Who was removed hears no leader after a while. At once, where most of those that it knows do not know of the removal either: what they
   * acknowledge until then may be lost, as STORAGES.md says.
   */
  #isLed({ id, removedAt }: Host): boolean {
    if (removedAt === undefined) return true;
    if (this.queue.now - removedAt >= longestWithoutLeader) return false;
    const known = this.grid.membersAt(this.grid.member(id).status().applied);
    const removal = this.removalOf(id);
    const unaware = this.living.filter(
      ({ host, storage }) => known.includes(host.id) && storage.participants.epoch < removal,
    );
    return 2 * unaware.length <= known.length;
  }

  /** Of those that have not ended, and may yet. */
  #firstCall(): OpenCall | undefined {
    for (const call of this.calls) {
      if (call.host.status !== 'dead') return call;
      this.calls.delete(call);
    }
    return undefined;
  }

  #violated(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message);
  }

  /** A member that takes no part: all that it does is to lead. */
  #lookOn(id: MemberId): void {
    const { clock, consensus } = new Host(
      id,
      this.grid,
      this.queue,
      this.network,
      () => undefined,
      () => true,
    );
    void new this.product.Collections(consensus, { clock }).start();
  }

  #start(id: MemberId): Taker {
    const received = (receiver: Host, from: MemberId, frame: Uint8Array): void => {
      this.#noteFrame('', from, receiver.id, frame);
      if (this.#isEndUnknown(receiver, from)) receiver.misledAt = this.queue.now;
      for (const invariant of this.#invariants) invariant.onFrame?.(receiver, from, frame, this);
    };
    const host = new Host(id, this.grid, this.queue, this.network, received, (one) => this.#isLed(one));
    const collections = new this.product.Collections(host.consensus, {
      clock: host.clock,
      requestTimeoutInMs: this.plan.requestTimeoutInMs,
      onError: (error) => this.#violated('no unexpected errors', `${id}: ${error.stack}`),
    });
    void collections.start();
    const taker = { host, collections, storage: this.#open(collections, host), writer: ++this.#writers, leaving: 0 };
    this.takers.push(taker);
    return taker;
  }

  /** A member begins to take part again. */
  reopen(taker: Taker): void {
    taker.leaving--;
    taker.storage = this.#open(taker.collections, taker.host);
    taker.writer = ++this.#writers;
  }

  #open(collections: Collections, host: Host): SharedStorage {
    const storage = this.#create(collections);
    for (const invariant of this.#invariants) invariant.onOpen?.(storage, (check) => this.#told(check));
    storage.incidents.on('lost', (keys, memberId) => {
      this.lost += keys.length;
      for (const key of keys) this.told.add(key);
      this.note(() => `${host.id} reports ${keys} of ${memberId} as lost`);
      this.#told(() => {
        for (const invariant of this.#invariants) invariant.onLost?.(host.id, keys, this);
      });
    });
    storage.incidents.on('lost-unnamed', (gone) => {
      this.lostUnnamed++;
      for (const key of this.keys) this.told.add(key);
      this.note(() => `${host.id} reports that entries may be lost with ${gone}`);
      this.#told(() => {
        for (const invariant of this.#invariants) invariant.onLostUnnamed?.(host.id, gone, this);
      });
    });
    storage.incidents.on('conflict', (key, kept, other) =>
      this.#violated('one holder a key', `${host.id}: ${kept} and ${other} hold ${key}`),
    );
    return storage;
  }

  #create(collections: Collections): SharedStorage {
    const { kind, backups, keysAMessage: maxOutboundMessageKeys } = this.plan;
    const options = { storageId: 's', backups, maxOutboundMessageKeys };
    return kind === 'separated'
      ? collections.createSeparatedStorage<string, readonly number[]>(options)
      : collections.createFederatedStorage<string, readonly number[]>({ ...options, merge: mergeAll });
  }
}

/** What is merged twice is seen in the list. */
function mergeAll(versions: readonly (readonly number[])[]): readonly number[] {
  return versions.flat();
}

/** Whether it is to be counted on. */
function isPart({ host, storage }: Taker): boolean {
  return host.status !== 'dead' && !host.removed && !storage.closed;
}

function membersOf(storage: SharedStorage): number {
  return storage.participants.memberIds.length;
}
