import type { MemberId } from '../identity/member-id.js';
import type { Random } from '../ports/clock.js';
import type { Configuration } from './configuration.js';
import type { EntryEncoder, LogPosition } from './entry.js';
import { RaftLog } from './log.js';
import type { Message } from './message.js';
import { defaultLimits, defaultTiming, type RaftCoreOptions, type RaftLimits, type RaftTiming } from './options.js';
import type { Progress } from './progress.js';
import { PendingReads } from './reads.js';
import { IncomingSnapshot } from './snapshot.js';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** How often things happened since the start. */
export interface Counters {
  elections: number;
  leaderships: number;
  proposals: number;
  appendsSent: number;
  appendsReceived: number;
  appendsRejected: number;
  /** Messages that no member which keeps the rules could have sent. */
  messagesRefused: number;
  snapshotsInstalled: number;
  reads: number;
}

export function newCounters(): Counters {
  return {
    elections: 0,
    leaderships: 0,
    proposals: 0,
    appendsSent: 0,
    appendsReceived: 0,
    appendsRejected: 0,
    messagesRefused: 0,
    snapshotsInstalled: 0,
    reads: 0,
  };
}

/** A leadership transfer under way (thesis §3.10). */
export interface Transfer {
  readonly to: MemberId;
  readonly deadline: number;
}

/** A chunk of a snapshot that arrived in order, for the driver to keep. */
export interface SnapshotChunk {
  readonly from: MemberId;
  readonly position: LogPosition;
  readonly configuration: Configuration;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

/** Everything one member knows: the state of the paper's figure 2, and what goes out at the next Ready. */
export class CoreState {
  readonly self: MemberId;
  readonly timing: RaftTiming;
  readonly limits: RaftLimits;
  readonly onlyFollower: boolean;
  readonly random: Random;
  readonly encoder: EntryEncoder;

  now: number;
  term: number;
  vote: MemberId | undefined;
  hardStateChanged = false;
  readonly log: RaftLog;
  role: Role = 'follower';
  leader: MemberId | undefined;
  /** A follower's and a candidate's: when it stands for election (again). */
  electionDeadline = Number.POSITIVE_INFINITY;
  /** When a leader of this or a later term was last heard. */
  leaderHeardAt = Number.NEGATIVE_INFINITY;

  /** A candidate's: the answers so far. */
  readonly votes = new Map<MemberId, boolean>();

  /** A leader's. */
  readonly progress = new Map<MemberId, Progress>();
  heartbeatDeadline = Number.POSITIVE_INFINITY;
  quorumCheckDeadline = Number.POSITIVE_INFINITY;
  /** The no-op with which the term began; nothing of earlier terms is known to be committed before it is. */
  termStartIndex = -1;
  takeover: { readonly logTime: number; readonly at: number } = { logTime: 0, at: 0 };
  uncommittedBytes = 0;
  round = 0;
  transfer: Transfer | undefined;

  readonly reads = new PendingReads();
  readonly incomingSnapshot = new IncomingSnapshot();

  messages: Message[] = [];
  messagesAfterPersist: Message[] = [];
  snapshotChunks: SnapshotChunk[] = [];
  readonly counters: Counters = newCounters();

  constructor(options: RaftCoreOptions) {
    this.self = options.self;
    this.timing = { ...defaultTiming, ...options.timing };
    this.limits = { ...defaultLimits, ...options.limits };
    this.onlyFollower = options.onlyFollower ?? false;
    this.random = options.random;
    this.encoder = options.encoder;
    this.now = options.now;
    this.term = options.hardState?.term ?? options.base?.term ?? 0;
    this.vote = options.hardState?.vote;
    this.log = new RaftLog(options.configuration, options.base);
    for (const entry of options.entries ?? []) this.log.append(entry);
    this.log.takeUnstable();
    this.log.persistedTo(this.log.lastIndex, this.log.last.term);
    if (options.appliedIndex !== undefined) {
      this.log.commitTo(options.appliedIndex);
      this.log.appliedTo(options.appliedIndex);
    }
  }

  /** The configuration in force. */
  get configuration(): Configuration {
    return this.log.configuration;
  }

  /** Leaves with the next Ready, persisted or not: what the sender may say before its own disk agrees. */
  send(message: Message): void {
    this.messages.push(message);
  }

  /** Leaves once term, vote and entries of the same Ready are durable: answers that promise something. */
  sendAfterPersist(message: Message): void {
    this.messagesAfterPersist.push(message);
  }
}
