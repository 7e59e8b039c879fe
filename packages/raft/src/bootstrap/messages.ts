import type { Configuration } from '../core/configuration.js';
import type { MemberId } from '../identity/member-id.js';
import type { Base } from './base.js';

/** Peers are addressed by id here: their incarnations are what these messages find out. */
interface Addressed {
  readonly from: MemberId;
  /** The id of the receiver; absent: everyone who can be reached. */
  readonly to?: string;
}

/** Says who one is, whom one expects, and whether one is in a grid. */
export interface Hello extends Addressed {
  readonly type: 'hello';
  /** The ids that the sender would begin a grid with; empty where it cannot say. */
  readonly expected: readonly string[];
  /** The sender begins no grid: who waits for others to begin one with does not wait for it. */
  readonly joinsOnly: boolean;
  readonly gridId: string | undefined;
  /** The state that an unbound member holds; of a member of a grid: one of that grid, which it has handed out. */
  readonly base: Base | undefined;
}

/** A bound member's answer to an unbound one. */
export interface GridStates extends Addressed {
  readonly type: 'grid-states';
  readonly gridId: string;
  readonly configuration: Configuration;
  readonly leader: MemberId | undefined;
}

/** A program asks who is there. */
export interface PeerRequest extends Addressed {
  readonly type: 'peer-request';
  readonly nonce: string;
  /** Text of the program's own. */
  readonly custom: string | undefined;
}

/** What whoever was asked knows. */
export interface PeerResponse extends Addressed {
  readonly type: 'peer-response';
  readonly nonce: string;
  /** Undefined, with nobody in the configuration, for who is in no grid. */
  readonly gridId: string | undefined;
  readonly configuration: Configuration;
  readonly leader: MemberId | undefined;
  readonly custom: string | undefined;
}

/** The lowest expected id asks everyone whether they are unbound. */
export interface BootstrapRequest extends Addressed {
  readonly type: 'bootstrap-request';
  readonly nonce: string;
  readonly expected: readonly string[];
}

export interface BootstrapResponse extends Addressed {
  readonly type: 'bootstrap-response';
  readonly nonce: string;
  /** Unbound, and of the same list. */
  readonly agreed: boolean;
  /** The state that it holds. */
  readonly base: Base | undefined;
  /** The grid that the sender is bound to; one such answer forbids bootstrapping. */
  readonly gridId: string | undefined;
}

/** The grid that everyone agreed to: exactly these incarnations, and the state that it begins with, which all of them hold. */
export interface BootstrapOffer extends Addressed {
  readonly type: 'bootstrap-offer';
  readonly gridId: string;
  readonly members: readonly MemberId[];
  readonly base: Base | undefined;
}

/** What a member asks of the leader: to become a voter, to receive the log without a vote, or to be let go. */
export type MembershipAction = 'join' | 'learn' | 'leave';

export interface MembershipRequest extends Addressed {
  readonly type: 'membership-request';
  readonly gridId: string;
  readonly action: MembershipAction;
  /**
   * The latest index of the grid's log that the sender was told to be committed, before it was a member; -1: none. It is let in only where
   * it was not removed since: what it asked before it was a member does not make it one again.
   */
  readonly asOf: number;
  /** The state that it would begin with. */
  readonly base: Base | undefined;
}

export interface MembershipResponse extends Addressed {
  readonly type: 'membership-response';
  readonly gridId: string;
  /** Who asked, and what: an answer to another question, or to an earlier incarnation, may arrive late. */
  readonly asker: MemberId;
  readonly action: MembershipAction;
  /** `accepted`: under way, or done. Otherwise the reason why not. */
  readonly outcome: string;
  /** The members that the grid began with, and who leads it now. */
  readonly members: readonly MemberId[];
  readonly leader: MemberId | undefined;
  /** Up to where the sender knows the log to be committed. */
  readonly asOf: number;
  /** Another incarnation of the asker that is a member. */
  readonly present: MemberId | undefined;
  /** The grid whose state this one began with. */
  readonly parentGridId: string | undefined;
  /** What the asker would begin with, where that is certainly a state of this grid. */
  readonly base: Base | undefined;
}

export type GridMessage =
  | Hello
  | GridStates
  | PeerRequest
  | PeerResponse
  | BootstrapRequest
  | BootstrapResponse
  | BootstrapOffer
  | MembershipRequest
  | MembershipResponse;
