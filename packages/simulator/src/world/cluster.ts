import {
  type Configuration,
  type Entry,
  type EntryEncoder,
  type MemberId,
  type Message,
  memberId,
  type RaftCore,
  type RaftCoreOptions,
} from '@hamok/raft';
import type { Invariant } from '../invariants/invariant.js';
import { StepObserver } from '../invariants/step.js';
import type { Plan } from '../plan.js';
import type { SeededRandom } from '../random.js';
import { describeMember, describeMessage } from './describe.js';
import { EventQueue } from './event-queue.js';
import { Member } from './member.js';
import { Network } from './network.js';
import type { Snapshot } from './snapshot.js';
import type { Trace } from './trace.js';

/** What the product's core is made with; a mutant passes its own. */
export type CoreFactory = (options: RaftCoreOptions) => RaftCore;

export interface ClusterCounters {
  events: number;
  commands: number;
  reads: number;
  readsRefused: number;
  snapshotsTaken: number;
  snapshotsSent: number;
  snapshotsInstalled: number;
  changes: number;
  transfers: number;
}

const names = 'abcdefghijklmnopqrstuvwxyz';

/** A whole grid on virtual time. Every action of a member is one step, and every step is checked. */
export class Cluster {
  readonly queue = new EventQueue();
  readonly network: Network<Message>;
  readonly members = new Map<MemberId, Member>();
  readonly encoder: EntryEncoder = { noOp: new Uint8Array(0), configuration: encodeConfiguration };
  readonly counters: ClusterCounters = {
    events: 0,
    commands: 0,
    reads: 0,
    readsRefused: 0,
    snapshotsTaken: 0,
    snapshotsSent: 0,
    snapshotsInstalled: 0,
    changes: 0,
    transfers: 0,
  };
  /** Called after each step of a member. */
  readonly watchers = new Set<(member: Member) => void>();
  readonly #observer = new StepObserver();
  readonly #readers = new Map<number, (context: number, index: number | undefined) => void>();
  #lastCommand = 0;
  #lastRead = 0;
  #incarnation = 0;

  constructor(
    readonly plan: Plan,
    readonly random: SeededRandom,
    readonly createCore: CoreFactory,
    readonly invariants: readonly Invariant[],
    readonly trace: Trace,
  ) {
    this.network = new Network<Message>(this.queue, random.fork(), (message) => this.#deliver(message));
    this.network.noise = plan.noise;
    const voters = Array.from({ length: plan.voters }, (_, i) => memberId(names[i] ?? '?', ++this.#incarnation));
    for (const voter of voters) this.#add(voter, { voters, learners: [] });
    for (const member of this.members.values()) member.start();
  }

  get running(): Member[] {
    return [...this.members.values()].filter(({ status }) => status === 'running');
  }

  get living(): Member[] {
    return [...this.members.values()].filter(({ lives }) => lives);
  }

  /** Members that believe that they lead. */
  get leaders(): Member[] {
    return this.running.filter(({ core }) => core.role === 'leader');
  }

  /** A new incarnation of an id, which knows nothing, not even who is in the grid. */
  spawn(id: string): Member {
    const member = this.#add(memberId(id, ++this.#incarnation), { voters: [], learners: [] });
    this.note(() => `${member.id} is born`);
    member.start();
    return member;
  }

  /** A command like no other. */
  newCommand(): Uint8Array {
    const data = new Uint8Array(8);
    new DataView(data.buffer).setFloat64(0, ++this.#lastCommand);
    this.counters.commands++;
    return data;
  }

  /** A linearizable read at a member. Returns its context, by which the answer comes. */
  read(member: Member, answered?: (context: number, index: number | undefined) => void): number {
    const context = ++this.#lastRead;
    this.counters.reads++;
    if (answered) this.#readers.set(context, answered);
    for (const invariant of this.invariants) invariant.onReadAsked?.(context);
    member.act((core, now) => core.read(context, now));
    return context;
  }

  /** Runs until a time. Throws what an invariant throws. */
  runUntil(time: number): void {
    while (this.queue.runNext(time)) this.counters.events++;
  }

  note(line: () => string): void {
    this.trace.add(this.queue.now, line);
  }

  sent(message: Message, sender: Member): void {
    for (const invariant of this.invariants) invariant.onSend?.(message, sender);
    this.network.send(message);
  }

  stepped(member: Member): void {
    const step = this.#observer.observe(member, this.members);
    for (const invariant of this.invariants) invariant.onStep?.(step);
    if (step.isNews) this.note(() => describeMember(member.id, member.core));
    for (const watch of this.watchers) watch(member);
  }

  restarted(member: Member): void {
    this.#observer.forget(member);
    for (const invariant of this.invariants) invariant.onRestart?.(member);
  }

  applied(member: Member, entry: Entry): void {
    for (const invariant of this.invariants) invariant.onApply?.(member, entry.index);
  }

  restored(member: Member, { position }: Snapshot): void {
    this.counters.snapshotsInstalled++;
    for (const invariant of this.invariants) invariant.onApply?.(member, position.index);
  }

  readAnswered(context: number, index: number | undefined): void {
    if (index === undefined) this.counters.readsRefused++;
    for (const invariant of this.invariants) invariant.onReadAnswered?.(context, index);
    this.#readers.get(context)?.(context, index);
  }

  #add(id: MemberId, configuration: Configuration): Member {
    const born = { position: { index: -1, term: 0, time: 0 }, configuration, digest: 0 };
    const member = new Member(id, this, born);
    this.members.set(id, member);
    return member;
  }

  #deliver(message: Message): void {
    const member = this.members.get(message.to);
    if (!member || member.status === 'down' || member.status === 'gone') return;
    this.note(() => describeMessage(message));
    member.act((core, now) => core.step(message, now));
  }
}

function encodeConfiguration({ voters, learners }: Configuration): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([voters, learners]));
}
