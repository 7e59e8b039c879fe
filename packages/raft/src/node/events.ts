import type { Entry } from '../core/entry.js';
import type { RaftError } from '../errors.js';
import type { PeerInquiry } from './peer-inquiries.js';

export type NodeState = 'follower' | 'candidate' | 'leader';

export interface RaftNodeEvents {
  started: [];
  stopped: [];
  /** This member became one: begin, or end, what only a leader may do. */
  follower: [];
  candidate: [];
  leader: [];
  'state-changed': [state: NodeState, previous: NodeState];
  /** Ids; undefined while no leader is known. */
  'leader-changed': [leaderId: string | undefined, previous: string | undefined];
  /** A member was admitted, or removed, by an applied configuration. */
  'remote-peer-joined': [peerId: string];
  'remote-peer-left': [peerId: string];
  /** This member is a voter, and hears a leader: see `joined` of `RaftNode`. */
  joined: [];
  /** The grid removed this member, or it lost its grid: it looks for one again, as a new incarnation. */
  rejoining: [];
  /** An entry was applied here. */
  commit: [index: number, entry: Entry];
  /** A leader's sign of life was sent. */
  heartbeat: [];
  /** Someone asks who is there; with `request`, where it came by `fetchPeers` with a request of the program's own. */
  'hello-notification': [peerId: string, request?: PeerInquiry];
  /** The leader has not heard from a member for a whole idle time. */
  'no-heartbeat-from': [peerId: string];
  /** A follower is so far behind that it needs a snapshot. */
  'unsynced-peer': [peerId: string];
  /** No majority was heard for a whole idle time; and it is again. */
  'quorum-lost': [];
  'quorum-regained': [];
  'grid-conflict': [gridIds: readonly string[]];
  /** What stopped this member for good: every later call is refused with it. It is told as an `error` too. */
  failed: [failure: RaftError];
  /** Whatever went wrong outside of a call. Never thrown when nobody listens. */
  error: [error: Error];
}
