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

/** Something to do about messages as they are sent, or taken by a member. */
export interface MessageHook {
  (message: Message, member: Member): void;
  /** Which it is about; all, where it does not say. */
  readonly types?: readonly Message['type'][];
}

/** A hook for some types of messages, which is not asked about others. */
export function about<T extends Message['type']>(
  types: readonly T[],
  take: (message: Extract<Message, { type: T }>, member: Member) => void,
): MessageHook {
  return Object.assign(take as MessageHook, { types });
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
  /** A member sends a message. */
  readonly onSend?: MessageHook;
  /** A message is about to be taken by a member, which then makes a turn of its own. */
  readonly onReceive?: MessageHook;
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
