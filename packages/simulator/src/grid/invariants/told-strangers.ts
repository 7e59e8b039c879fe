import { type HamokMessage, MessageType } from '@hamok/messages';
import type { MemberId, RaftCore } from '@hamok/raft';
import { majorityOf, membersOf, Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** In which term a leader first heard somebody it does not count, and the last round that it had begun then. */
interface Heard {
  readonly term: number;
  readonly round: number;
}

/**
 * Whom a leader never counted it tells so only once a majority of the voters has confirmed, since it heard of them, that it still leads: one
 * that stood still, or was cut off, does not know of who came in since.
 */
export class ToldStrangers implements GridInvariant {
  readonly name = 'who came in is not sent away';
  readonly source = 'architecture, rule 5; thesis §6.4 (a leader that was deposed may not know of it)';
  readonly #counted = new WeakMap<RaftCore, Set<MemberId>>();
  readonly #strangers = new WeakMap<RaftCore, Map<MemberId, Heard>>();

  onStep(process: Process): void {
    const { core } = process;
    if (core?.role !== 'leader') return;
    const counted = this.#counted.get(core) ?? new Set();
    this.#counted.set(core, counted);
    for (const member of core.progress.keys()) counted.add(member);
  }

  onReceived(process: Process, frame: () => HamokMessage): void {
    const { core } = process;
    if (core?.role !== 'leader') return;
    const { sourceId, sourceIncarnation } = frame();
    const member = `${sourceId}@${sourceIncarnation}`;
    if (core.progress.has(member) || isNamedIn(core, member)) return;
    const strangers = this.#strangers.get(core) ?? new Map<MemberId, Heard>();
    this.#strangers.set(core, strangers);
    if (strangers.get(member)?.term === core.term) return;
    const round = Math.max(-1, ...[...core.progress.values()].map(({ sentRound }) => sentRound));
    strangers.set(member, { term: core.term, round });
  }

  onSent(process: Process, frame: () => HamokMessage): void {
    const { core } = process;
    if (core?.role !== 'leader') return;
    const message = frame();
    const { destinationId, destinationIncarnation } = message;
    if (!sendsAway(message)) return;
    const member = `${destinationId}@${destinationIncarnation}`;
    const heard = this.#strangers.get(core)?.get(member);
    if (!heard || heard.term !== core.term || this.#counted.get(core)?.has(member)) return;
    const confirmed = (voter: MemberId): boolean =>
      voter === core.self || (core.progress.get(voter)?.ackedRound ?? -1) > heard.round;
    // A change of the voters may have begun since.
    const configurations = [core.configuration, core.log.configurationAt(core.log.commitIndex)];
    if (!configurations.some(({ voters }) => voters.filter(confirmed).length >= majorityOf(voters.length)))
      throw new Violation(this.name, `${process.name} sends ${member} away, and did not ask whether it still leads`);
  }
}

/** Tells somebody that it is not counted, or has left, which is the same. */
function sendsAway({ type, requestId, errorCode }: HamokMessage): boolean {
  const hasLeft = type === MessageType.MEMBERSHIP_RESPONSE && requestId === 'leave' && errorCode === 'accepted';
  return hasLeft || type === MessageType.NOT_A_MEMBER_NOTIFICATION;
}

/** It is a member as of what is applied, or of something behind that: its removal is told to it when that is applied. */
function isNamedIn({ log }: RaftCore, member: MemberId): boolean {
  for (let index = log.appliedIndex; index <= log.lastIndex; index++)
    if (membersOf(log.configurationAt(index)).includes(member)) return true;
  return false;
}
