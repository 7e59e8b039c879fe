import {
  type Configuration,
  type Entry,
  type EntryEncoder,
  idOf,
  type MemberId,
  type Message,
  memberId,
  type RaftCore,
  type RaftCoreOptions,
  type Ready,
} from '@hamok/raft';
import { situationsOf } from '../coverage/core-situations.js';
import { Situations } from '../coverage/situations.js';
import { faultClasses } from '../faults/classes.js';
import { Hooks } from '../invariants/hooks.js';
import type { Invariant, Refusal } from '../invariants/invariant.js';
import { type Step, StepObserver } from '../invariants/step.js';
import { mostPassive, type Plan } from '../plan.js';
import type { SeededRandom } from '../random.js';
import { describeMessage } from '../report/message.js';
import { Reigns } from '../report/reigns.js';
import { describeStep } from '../report/step.js';
import { strips } from '../report/strips.js';
import { Tally } from '../tally.js';
import { EventQueue } from './event-queue.js';
import { Member } from './member.js';
import { Network } from './network.js';
import type { Snapshot } from './snapshot.js';
import type { Trace } from './trace.js';

/** What the product's core is made with; a mutant passes its own. */
export type CoreFactory = (options: RaftCoreOptions) => RaftCore;

/** Situations are looked at only every so many steps that changed something: looking costs more than the step. */
const situationsSeenEvery = 12;

const names = 'abcdefghijklmnopqrstuvwxyz';

/** A whole grid on virtual time. Every action of a member is one step, and every step is checked. */
export class Cluster {
  readonly queue = new EventQueue();
  readonly network: Network<Message>;
  readonly members = new Map<MemberId, Member>();
  readonly encoder: EntryEncoder = { noOp: new Uint8Array(0), configuration: encodeConfiguration };
  events = 0;
  /** Who acts, or acted last. */
  acting: Member | undefined;
  /** Whether clients and operators are at work. */
  isBusy = true;
  /** How likely it is that a restoration fails. */
  snapshotFailures: number;
  /** What clients and operators asked for, once each, by what they heard of it. */
  readonly operations = new Tally();
  /** What came of it. */
  readonly effects = new Tally(['commands committed', 'snapshots taken', 'snapshots sent', 'snapshots installed']);
  readonly faults = new Tally(faultClasses);
  readonly situations = new Situations();
  readonly reigns = new Reigns();
  /** Reads that ask no other member: as long as theirs lives, nothing excuses a missing answer. */
  readonly localReads = new Map<number, { readonly member: Member; readonly life: number }>();
  /** Called after each step of a member. */
  readonly watchers = new Set<(member: Member) => void>();
  /** The latest incarnation of each id. */
  readonly #latest = new Map<string, Member>();
  readonly #hooks: Hooks;
  readonly #observer = new StepObserver();
  readonly #readers = new Map<number, (context: number, index: number | undefined) => void>();
  #lastCommand = 0;
  #lastApplied = -1;
  #news = 0;
  #lastRead = 0;
  #incarnation = 0;

  constructor(
    readonly plan: Plan,
    readonly random: SeededRandom,
    readonly createCore: CoreFactory,
    invariants: readonly Invariant[],
    readonly trace: Trace,
  ) {
    this.#hooks = new Hooks(invariants);
    this.network = new Network<Message>(
      this.queue,
      random.fork(),
      (message) => this.#deliver(message),
      (message) => this.#noteLost(message),
    );
    this.network.noise = plan.noise;
    this.snapshotFailures = plan.snapshotFailures;
    this.network.dropsInFlight = plan.cutsDropInFlight;
    const voters = Array.from({ length: plan.voters }, (_, i) => memberId(names[i] ?? '?', ++this.#incarnation));
    const passive = Math.min(plan.passive, mostPassive(plan.voters));
    for (const [i, voter] of voters.entries()) this.#add(voter, { voters, learners: [] }, i >= plan.voters - passive);
  }

  /** Starts the members of a new grid, within the time that the plan says. */
  start(): void {
    const { plan, random } = this;
    for (const member of this.members.values()) {
      if (plan.startWithin === 0) {
        member.start();
      } else {
        member.status = 'down';
        // Unless everything healed before that, which starts whoever is down.
        this.queue.after(random.between(0, plan.startWithin), () => {
          if (member.status === 'down') member.restart();
        });
      }
    }
    const [first] = this.members.values();
    if (plan.campaigns && first) this.campaign(first);
  }

  get readsAsked(): number {
    return this.#lastRead;
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

  /** A command like no other, of `size` bytes or the fewest that tell it apart. */
  newCommand(size = 0): Uint8Array {
    const data = new Uint8Array(Math.max(Float64Array.BYTES_PER_ELEMENT, size));
    new DataView(data.buffer).setFloat64(0, ++this.#lastCommand);
    return data;
  }

  /** Asks a leader to hand over. */
  handOver(leader: Member, to: MemberId): void {
    leader.act((core, now) => {
      const isBegun = core.transferLeadership(to, now);
      this.operations.add(`hand over: ${isBegun ? 'begun' : 'refused'}`);
      if (!isBegun) return this.refused({ reason: 'cannot-hand-over', about: to }, leader);
      this.note(() => `${core.self} is to hand over to ${to}`);
      this.#hooks.handsOver(leader, to);
    });
  }

  /** Tells a member that nobody leads, whether that is so or not. */
  campaign(member: Member): void {
    member.act((core, now) => {
      this.note(() => `${core.self} is to stand`);
      this.#hooks.campaigns(member);
      core.campaign(now);
    });
  }

  /** Asks a leader to lead no more. */
  stepDown(leader: Member): void {
    leader.act((core, now) => {
      this.operations.add('step down: begun');
      this.note(() => `${core.self} is to step down`);
      this.#hooks.stepsDown(leader);
      core.stepDown(now);
    });
  }

  refused(refusal: Refusal, member: Member): void {
    this.#hooks.refused(refusal, member);
  }

  /** A linearizable read at a member. Returns its context, by which the answer comes. */
  read(member: Member, answered?: (context: number, index: number | undefined) => void): number {
    const context = ++this.#lastRead;
    if (answered) this.#readers.set(context, answered);
    this.#hooks.readAsked(context);
    const { role, leader } = member.core;
    if (member.status === 'running' && (role === 'leader' || leader === undefined))
      this.localReads.set(context, { member, life: member.life });
    member.act((core, now) => core.read(context, now));
    return context;
  }

  /** Runs until a time. Throws what an invariant throws. */
  runUntil(time: number): void {
    while (this.queue.runNext(time)) this.events++;
  }

  note(line: () => string | undefined, message?: Message): void {
    this.trace.add(this.queue.now, line, message);
  }

  sent(message: Message, sender: Member): void {
    this.#hooks.sent(message, sender);
    this.network.send(message);
  }

  ready(ready: Ready, member: Member): void {
    this.#hooks.ready(ready, member);
  }

  compacted(member: Member, index: number): void {
    this.#hooks.compacted(member, index);
  }

  stepped(member: Member): void {
    const step = this.#observe(member);
    if (step.isNews && this.#news++ % situationsSeenEvery === 0)
      this.situations.see(situationsOf(this.running.map(({ core }) => core)));
    this.#hooks.stepped(step);
    this.#hooks.turned(member, step);
    for (const watch of this.watchers) watch(member);
  }

  /** What a step changed that did not come to its end. */
  tellUnfinishedStep(): void {
    if (this.acting) this.#observe(this.acting);
  }

  #observe(member: Member): Step {
    const step = this.#observer.observe(member, this.members);
    if (step.isNews) {
      this.note(() => describeStep(step));
      this.reigns.see(step, this.queue.now);
    }
    return step;
  }

  crashed(member: Member): void {
    this.reigns.end(member.id, this.queue.now);
  }

  restarted(member: Member): void {
    this.#observer.forget(member);
    this.#hooks.restarted(member);
  }

  applied(member: Member, entry: Entry): void {
    if (entry.index > this.#lastApplied) {
      this.#lastApplied = entry.index;
      if (entry.kind === 'command') this.effects.add('commands committed');
    }
    this.#hooks.applied(member, entry.index);
  }

  restored(member: Member, { position }: Snapshot): void {
    this.effects.add('snapshots installed');
    if (this.isBusy) this.faults.add('snapshot in mid-traffic');
    this.#hooks.applied(member, position.index);
  }

  readAnswered(context: number, index: number | undefined, reader: Member): void {
    this.operations.add(`read: ${index === undefined ? 'refused' : 'answered'}`);
    this.#hooks.readAnswered(context, index, reader);
    this.localReads.delete(context);
    this.#readers.get(context)?.(context, index);
  }

  /** How everything stands, for readers. */
  scene(): string[] {
    return [...strips([...this.members.values()]), 'who led, as it believed', ...this.reigns.describe()];
  }

  #add(id: MemberId, configuration: Configuration, isPassive = false): Member {
    const born = { position: { index: -1, term: 0, time: 0 }, configuration, digest: 0 };
    const member = new Member(id, this, born, isPassive);
    this.members.set(id, member);
    this.#latest.set(idOf(id), member);
    return member;
  }

  #noteLost(message: Message): void {
    this.note(() => `LOST: ${describeMessage(message)}`, message);
  }

  #deliver(message: Message): void {
    const addressee = this.members.get(message.to);
    // A network knows addresses alone: who has that of a member which is gone gets what was meant for it.
    const member = addressee?.status === 'gone' ? this.#latest.get(idOf(message.to)) : addressee;
    if (!member || member.status === 'down' || member.status === 'gone') return this.#noteLost(message);
    this.note(() => describeMessage(message), message);
    member.act((core, now) => {
      if (message.to === member.id) this.#hooks.received(message, member);
      else this.#hooks.misdelivered(message, member);
      core.step(message, now);
    });
  }
}

function encodeConfiguration({ voters, learners }: Configuration): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([voters, learners]));
}
