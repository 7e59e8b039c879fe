import type { Entry, MemberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import { emitterOf } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** What one process was told that it missed, and as whom it follows the log. */
interface Subscriber {
  /** Since its last entry; undefined where it was not told how many. */
  notices: (number | undefined)[];
  last: number;
  member: MemberId | undefined;
  /** The program was told that it is subscribed, and not only now. */
  isSubscribed: boolean;
  isSteady: boolean;
  /** It was told that it misses events, and is not subscribed again since then. */
  isWaiting: boolean;
}

/**
 * A subscriber that takes over a snapshot is told once how many events it missed thereby, and nothing where it missed none. One that comes
 * back as another incarnation is told once that it missed some, and then of what it misses from where it is subscribed again.
 */
export class MissedEvents implements GridInvariant {
  readonly name = 'what was missed is told once';
  readonly source = 'HamokEmitterEvents.missed';
  readonly #subscribers = new WeakMap<Process, Subscriber>();

  constructor(private readonly effects: LogEffects) {}

  onSpawn(process: Process): void {
    const subscriber: Subscriber = {
      notices: [],
      last: -1,
      member: undefined,
      isSubscribed: false,
      isSteady: false,
      isWaiting: false,
    };
    this.#subscribers.set(process, subscriber);
    emitterOf(process).on('missed', (_, count) => process.world.check(() => this.#noticed(process, subscriber, count)));
  }

  /** The subscription was confirmed. */
  subscribed(process: Process): void {
    const subscriber = this.#subscribers.get(process);
    if (subscriber) subscriber.isSubscribed = true;
  }

  unsubscribing(process: Process): void {
    const subscriber = this.#subscribers.get(process);
    if (!subscriber) return;
    subscriber.isSubscribed = false;
    subscriber.isSteady = false;
    subscriber.isWaiting = false;
    subscriber.notices.length = 0;
  }

  /** What was counted for the one before, which may have applied nothing behind its snapshot, is not for the one that comes. */
  onRejoin(process: Process): void {
    const subscriber = this.#subscribers.get(process);
    if (subscriber) subscriber.notices = subscriber.notices.filter((count) => count === undefined);
  }

  onApplied(process: Process, entry: Entry): void {
    this.effects.read(process, entry);
    const subscriber = this.#subscribers.get(process);
    if (!subscriber || process.isClosed) return;
    const { index } = entry;
    const { member } = process;
    const { isSteady, isSubscribed, last } = subscriber;
    const notices = subscriber.notices.splice(0);
    if (member !== subscriber.member) this.#returned(process, subscriber, notices, index);
    else if (index === last + 1) this.#expect(process, notices, 0);
    // How many an earlier subscription missed that ended behind the snapshot, and was followed by this one, is not known.
    else if (isSubscribed && isKnown(process) && (isSteady || !notices.includes(undefined)))
      this.#expect(process, notices, this.#missed(process, last, index));
    if (subscriber.isWaiting && isKnown(process)) subscriber.isWaiting = false;
    subscriber.last = index;
    subscriber.member = member;
    subscriber.isSteady = subscriber.isSubscribed;
  }

  #noticed(process: Process, subscriber: Subscriber, count: number | undefined): void {
    subscriber.notices.push(count);
    if (count !== undefined || isKnown(process)) return;
    if (subscriber.isWaiting) throw new Violation(this.name, `${process.name} was told twice that it missed events`);
    subscriber.isWaiting = true;
  }

  /** As another incarnation: nobody counts for it. It may still be without the subscription that the one before was told it had lost. */
  #returned(
    process: Process,
    { isSteady, isWaiting }: Subscriber,
    notices: readonly (number | undefined)[],
    index: number,
  ): void {
    const counted = notices.filter((count) => count !== undefined);
    const isTold = notices.length > counted.length || isWaiting;
    if (isSteady && !isTold)
      throw new Violation(this.name, `${process.name} came back as ${process.member}, and was told ${shown(notices)}`);
    if (counted.length > 0) this.#expect(process, counted, this.#missed(process, -1, index));
  }

  /** How many events came behind an index and before another while its subscription was there, as far as anyone knows. */
  #missed(process: Process, last: number, index: number): number | undefined {
    const { id } = emitterOf(process);
    const from = Math.max(last, this.effects.subscribedAt(process, id) ?? index);
    return this.effects.published(process, id, from, index - 1);
  }

  /** It may have taken over one snapshot after another, and is told of each. */
  #expect(process: Process, notices: readonly (number | undefined)[], missed: number | undefined): void {
    if (missed === undefined) return;
    const told = notices.reduce((sum: number, count) => sum + (count ?? Number.NaN), 0);
    if (told !== missed || notices.includes(0))
      throw new Violation(this.name, `${process.name} missed ${missed} events, and was told ${shown(notices)}`);
  }
}

/** Its member is subscribed as far as it applied the log, and not the incarnation before it, whose time it may be at still. */
function isKnown(process: Process): boolean {
  const { core, member = '', peerId } = process;
  if (!core) return false;
  const { voters, learners } = core.log.configurationAt(core.log.appliedIndex);
  const isAdmitted = voters.includes(member) || learners.includes(member);
  return isAdmitted && emitterOf(process).subscriptions.hasPeerOnEvent('tick', peerId);
}

function shown(notices: readonly (number | undefined)[]): string {
  return `[${notices.map((count) => count ?? 'of some')}]`;
}
