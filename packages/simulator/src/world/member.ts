import type { Entry, MemberId, Message, RaftCore, Ready } from '@hamok/raft';
import { Violation } from '../invariants/invariant.js';
import { SkewedClock } from './clock.js';
import type { Cluster } from './cluster.js';
import { Disk } from './disk.js';
import type { Snapshot } from './snapshot.js';
import { SnapshotReceiver } from './snapshot-receiver.js';
import { SnapshotSender } from './snapshot-sender.js';
import { StateMachine } from './state-machine.js';

export type MemberStatus = 'running' | 'paused' | 'down' | 'gone';

/** Timers fire this much late at least, so that time moves on whatever the rounding of clocks does. */
const timerGrain = 0.001;

/** Far more than what a member applies of a long log, an entry at a time. */
const mostReadies = 50_000;

/** One member: a core, and the driver that carries out what it asks for, as the contract of `Ready` says. */
export class Member {
  readonly clock: SkewedClock;
  readonly disk: Disk;
  core: RaftCore;
  machine: StateMachine;
  status: MemberStatus = 'running';
  /** Grows with each restart: callbacks of an earlier life do nothing. */
  life = 0;
  readonly sender: SnapshotSender;
  readonly receiver: SnapshotReceiver;
  #inbox: (() => void)[] = [];
  #acting = false;
  #wakeAt = Number.POSITIVE_INFINITY;
  #wakeGeneration = 0;

  constructor(
    readonly id: MemberId,
    readonly cluster: Cluster,
    readonly born: Snapshot,
    /** Whether it never stands for election. */
    readonly isPassive: boolean,
  ) {
    const { queue, random, plan } = cluster;
    this.clock = new SkewedClock(queue, random.between(0, 1e6));
    this.disk = new Disk(born, queue, random.fork(), plan.maxDiskLatency);
    this.machine = new StateMachine(born);
    this.sender = new SnapshotSender(this);
    this.receiver = new SnapshotReceiver(this);
    this.core = this.#newCore();
  }

  /** Whether it may ever act again. */
  get lives(): boolean {
    return this.status !== 'gone';
  }

  /** Does something with the core now, or when the pause ends, then carries out what follows from it. */
  act(run: (core: RaftCore, now: number) => void): void {
    if (this.status === 'paused') {
      this.#inbox.push(() => this.act(run));
      return;
    }
    if (this.status !== 'running') return;
    if (this.#acting) return run(this.core, this.clock.tell());
    this.#acting = true;
    this.cluster.acting = this;
    run(this.core, this.clock.tell());
    let readies = 0;
    for (let ready = this.core.ready(); ready; ready = this.core.ready()) {
      if (++readies > mostReadies)
        throw new Violation('no busy loop', `${this.id} is never done with what it is to do`);
      this.#carryOut(ready);
    }
    this.#acting = false;
    this.#arm();
    this.cluster.stepped(this);
  }

  /** Like `act`, for what began earlier: nothing if the member crashed since. */
  later(run: (core: RaftCore, now: number) => void): () => void {
    const { life } = this;
    return () => {
      if (life === this.life) this.act(run);
    };
  }

  start(): void {
    this.act(() => {});
  }

  pause(): void {
    if (this.status === 'running') this.status = 'paused';
  }

  resume(): void {
    if (this.status !== 'paused') return;
    this.status = 'running';
    for (const act of this.#inbox.splice(0)) act();
    this.#wake();
  }

  /** Loses everything that is not durable. Returns how many writes were lost. */
  crash(status: 'down' | 'gone'): number {
    this.status = status;
    this.life++;
    this.#inbox = [];
    this.#acting = false;
    this.sender.reset();
    this.receiver.reset();
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#wakeGeneration++;
    this.cluster.crashed(this);
    return this.disk.crash();
  }

  /** Comes back as the same incarnation, with what is durable. */
  restart(): void {
    this.status = 'running';
    this.machine = this.#machineKept();
    this.core = this.#newCore();
    this.cluster.restarted(this);
    this.start();
  }

  /** Saves the state machine as it stands, and forgets the log behind it. */
  takeSnapshot(): void {
    const { core, machine } = this;
    const { log } = core;
    if (this.status !== 'running' || machine.index <= log.base.index || this.receiver.isInstalling) return;
    const entry = log.get(machine.index);
    if (!entry) return;
    const { index, term, time } = entry;
    const snapshot = {
      position: { index, term, time },
      configuration: log.configurationAt(index),
      digest: machine.digest,
    };
    this.cluster.effects.add('snapshots taken');
    const compact = this.later(() => {
      core.compact(index);
      this.cluster.compacted(this, index);
    });
    this.disk.write({ snapshot, done: compact });
  }

  /** The state machine as it is found after a crash: that of the snapshot, or what it had applied of the entries that are durable. */
  #machineKept(): StateMachine {
    const { snapshot, entries } = this.disk;
    const machine = new StateMachine(snapshot);
    if (!this.cluster.plan.keepsState) return machine;
    for (const entry of entries) {
      if (entry.index > this.machine.index || this.core.log.get(entry.index) !== entry) break;
      machine.apply(entry);
    }
    return machine;
  }

  #newCore(): RaftCore {
    const { plan, random, encoder, createCore } = this.cluster;
    const { snapshot, entries, hardState } = this.disk;
    this.clock.forget();
    return createCore({
      self: this.id,
      configuration: snapshot.configuration,
      base: snapshot.position,
      ...(hardState && { hardState }),
      entries,
      appliedIndex: this.machine.index,
      onlyFollower: this.isPassive,
      timing: plan.timing,
      limits: plan.limits,
      random: random.next,
      encoder,
      now: this.clock.tell(),
    });
  }

  #carryOut(ready: Ready): void {
    this.cluster.ready(ready, this);
    for (const message of ready.messages) this.#send(message);
    this.#persist(ready.hardState, ready.entries, ready.messagesAfterPersist);
    for (const chunk of ready.snapshotChunks) this.receiver.take(chunk);
    for (const entry of ready.committed) {
      this.machine.apply(entry);
      this.cluster.applied(this, entry);
    }
    if (ready.committed.length > 0) this.core.applied(this.machine.index);
    for (const { context, index } of ready.reads) this.cluster.readAnswered(context, index, this);
    for (const follower of ready.snapshotsWanted) this.sender.begin(follower);
    for (const { from, index, offset } of ready.snapshotOffsets) this.sender.continue(from, index, offset);
  }

  #persist(hardState: Ready['hardState'], entries: readonly Entry[], messages: readonly Message[]): void {
    const last = entries.at(-1);
    if (!hardState && !last && this.disk.isIdle) {
      for (const message of messages) this.#send(message);
    } else if (hardState || last || messages.length > 0) {
      const done = this.later((core, now) => {
        for (const message of messages) this.#send(message);
        if (last) core.persisted(last.index, last.term, now);
      });
      this.disk.write({ hardState, entries, done });
    }
  }

  #send(message: Message): void {
    this.cluster.sent(message, this);
  }

  #arm(): void {
    const delay = Math.max(timerGrain, this.clock.delayUntil(this.core.nextDeadline));
    const at = this.cluster.queue.now + delay;
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    const generation = ++this.#wakeGeneration;
    this.cluster.queue.after(delay, () => {
      if (generation === this.#wakeGeneration) this.#wake();
    });
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#wakeGeneration++;
    if (this.status !== 'running') return;
    if (this.clock.now() + timerGrain >= this.core.nextDeadline) this.act((core, now) => core.tick(now + timerGrain));
    else this.#arm();
  }
}
