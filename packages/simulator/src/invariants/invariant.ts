import type { ChangeRefusal, Configuration, MemberId, Message, ProposalRefusal, Ready } from '@hamok/raft';
import type { Member } from '../world/member.js';
import type { Step } from './step.js';
import type { Subject } from './subject.js';

/** That a core did not do what it was asked to, and why not. */
export interface Refusal {
  readonly reason: ProposalRefusal | ChangeRefusal | 'cannot-hand-over';
  /** Whom it concerns. */
  readonly about?: MemberId;
}

/** A statement that holds after every step of every run. Each call may throw a `Violation`. */
export interface Invariant {
  readonly name: string;
  /** Who states it. */
  readonly source: string;
  /** A member's term, vote, role, log or indexes changed. */
  onStep?(step: Step): void;
  /** A leader did something, be it only that it heard or sent something. */
  onLeaderStep?(step: Step): void;
  /** A member did something, whatever; where its own clock and disk matter. */
  onTurn?(member: Member, step: Step): void;
  /** A core says what there is to do; none of it is done yet. */
  onReady?(ready: Ready, member: Member): void;
  onSend?(message: Message, sender: Member): void;
  /** A message is about to be taken by a member, which then makes a turn of its own. */
  onReceive?(message: Message, receiver: Member): void;
  /** A member's state machine reached an index, by applying or by restoring a snapshot. */
  onApply?(member: Member, index: number): void;
  /** A member's log was cut behind a snapshot of an index. */
  onCompact?(member: Member, index: number): void;
  /** A member is about to get what was meant for an earlier incarnation of its id. */
  onMisdelivered?(message: Message, receiver: Member): void;
  /** A core refused something, and is as it was before. */
  onRefuse?(refusal: Refusal, member: Member): void;
  /** A leader begins to hand over. */
  onHandOver?(leader: Member, to: MemberId): void;
  /** A member is told to stand now. */
  onCampaign?(member: Member): void;
  /** A leader is told to lead no more. */
  onStepDown?(leader: Member): void;
  onReadAsked?(context: number): void;
  onReadAnswered?(context: number, index: number | undefined, reader: Member): void;
  /** A member came back with what was durable. */
  onRestart?(member: Subject): void;
}

export class Violation extends Error {
  constructor(
    readonly invariant: string,
    message: string,
    /** The virtual time in ms that it is about, where it was found only later. */
    readonly about?: number,
  ) {
    super(message);
    this.name = 'Violation';
  }
}

/** How many of `voters` make a majority. On purpose not the product's own. */
export function majorityOf(voters: number): number {
  return (voters >> 1) + 1;
}

/** Voters and learners. */
export function membersOf({ voters, learners }: Configuration): readonly MemberId[] {
  return [...voters, ...learners];
}
