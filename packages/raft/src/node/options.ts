import type { BootstrapPlan } from '../bootstrap/plan.js';
import { defaultLimits, defaultTiming, type RaftLimits, type RaftTiming } from '../core/options.js';
import { ConfigurationError } from '../errors.js';
import type { Clock, Random } from '../ports/clock.js';
import { systemClock, systemRandom } from '../ports/clock.js';
import type { LogStore } from '../ports/log-store.js';
import type { SnapshotStore, StoredSnapshot } from '../ports/snapshot-store.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { Transport } from '../ports/transport.js';
import { MemorySnapshotStore } from '../snapshots/memory-snapshot-store.js';
import { defaultSnapshotPolicy, type SnapshotPolicy } from '../snapshots/snapshot-policy.js';

/** The part of a logger that is used; pino's and the console's fit. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface RaftNodeOptions {
  /** This member's id: not empty, the same after a restart. */
  readonly id: string;
  readonly transport: Transport;
  /** The members that a new grid begins with, all of them. Oneself may be listed, and is counted once. */
  readonly peers?: readonly string[];
  /** Without a list: how many members, oneself counted, must be found before a new grid begins. */
  readonly expectedPeers?: number;
  /** Without a list and a number: how long to look for others before beginning a grid with those found. In ms, default 5000. */
  readonly discoveryTimeInMs?: number;
  /** False: only ever joins a grid that runs. Default: true. */
  readonly bootstrap?: boolean;
  /** Members of differently named grids ignore each other. Default: `hamok`. */
  readonly gridName?: string;
  /**
   * A voter that never stands for election, unless it is the only one. Default: false. Where only such members hold the latest entries when the leader dies for
   * good, nobody can be elected: let at least a majority stand.
   */
  readonly onlyFollower?: boolean;
  /** Only ever joins, and receives the log without a vote until the leader's `addMember` makes it a voter. Default: false. */
  readonly learner?: boolean;
  /** Silence after which a follower suspects the leader; each wait is this to twice this. In ms, default 1000. */
  readonly followerMaxIdleInMs?: number;
  /** Caps one election. In ms, default 3000. */
  readonly electionTimeoutInMs?: number;
  /** Longest a leader stays silent towards a follower. In ms, default 100, below half of `followerMaxIdleInMs`. */
  readonly heartbeatInMs?: number;
  /**
   * After how much silence the leader removes a member, as long as a majority of the most voters since the grid began is left; 0: never. In
   * ms, default: never with `peers`, else 30000.
   */
  readonly removeDeadAfterInMs?: number;
  /** How long calls wait that are not told otherwise. In ms, default 5000. */
  readonly requestTimeoutInMs?: number;
  /** Largest payload of one proposal. In bytes, default 4 MiB. */
  readonly maxCommandBytes?: number;
  /** Proposals and reads of this member that wait. Default 65536. */
  readonly maxPending?: number;
  /** Bytes of the proposals of this member that wait. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  readonly limits?: Partial<RaftLimits>;
  readonly stateMachine?: StateMachine;
  /**
   * Keeps what this member must not forget, so that it comes back as the voter that it was; needs a `snapshotStore` that keeps
   * snapshots as long. Default: none, and a restart makes a new member.
   */
  readonly logStore?: LogStore;
  /** Where snapshots are kept. Default: in memory, the latest one. */
  readonly snapshotStore?: SnapshotStore;
  /**
   * A state to begin with, which counts for nothing that happened in its grid but what it holds: a new grid begins with the latest one
   * that its members hold, and where one runs already whose state it is, only what came after is needed. Its members, sessions and votes are
   * ignored. Where a `logStore` brings this member back, it is not looked at.
   */
  readonly base?: StoredSnapshot;
  /** When snapshots are taken, and the log compacted behind them. */
  readonly snapshotPolicy?: Partial<SnapshotPolicy>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface ResolvedOptions {
  readonly id: string;
  readonly transport: Transport;
  readonly plan: BootstrapPlan;
  readonly gridName: string;
  readonly onlyFollower: boolean;
  readonly learner: boolean;
  readonly timing: RaftTiming;
  readonly removeDeadAfterInMs: number;
  readonly requestTimeoutInMs: number;
  readonly maxCommandBytes: number;
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  readonly limits: Partial<RaftLimits>;
  readonly stateMachine: StateMachine;
  readonly logStore: LogStore | undefined;
  readonly snapshotStore: SnapshotStore;
  readonly base: StoredSnapshot | undefined;
  readonly snapshotPolicy: SnapshotPolicy;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** For those who only elect a leader. */
const stateless: StateMachine = {
  apply: () => undefined,
  async *snapshot() {},
  restore: async () => {},
};

/** @throws {ConfigurationError} naming the first field that makes no sense. */
export function resolveOptions(options: RaftNodeOptions): ResolvedOptions {
  const timing = resolveTiming(options);
  const byList = options.peers !== undefined && options.peers.length > 0;
  const resolved: ResolvedOptions = {
    id: id('id', options.id),
    transport: transport(options.transport),
    plan: resolvePlan(options),
    gridName: id('gridName', options.gridName ?? 'hamok'),
    onlyFollower: options.onlyFollower ?? false,
    learner: options.learner ?? false,
    timing,
    removeDeadAfterInMs: atLeast('removeDeadAfterInMs', options.removeDeadAfterInMs ?? (byList ? 0 : 30_000), 0),
    requestTimeoutInMs: atLeast('requestTimeoutInMs', options.requestTimeoutInMs ?? 5000, 1),
    maxCommandBytes: integer('maxCommandBytes', options.maxCommandBytes ?? 4 * 1024 * 1024, 1),
    maxPending: integer('maxPending', options.maxPending ?? 65_536, 1),
    maxPendingBytes: integer('maxPendingBytes', options.maxPendingBytes ?? 64 * 1024 * 1024, 1),
    limits: resolveLimits(options.limits),
    stateMachine: stateMachine(options.stateMachine),
    logStore: options.logStore,
    snapshotStore: snapshotStore(options),
    base: options.base,
    snapshotPolicy: resolvePolicy(options.snapshotPolicy),
    logger: options.logger ?? silent,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
  requireRoom(resolved);
  return resolved;
}

/** What a frame needs beside the entries that it carries, with room to spare. */
const frameOverhead = 64 * 1024;

/** One entry has to fit into a frame, or it could never be replicated. */
function requireRoom({ transport: { maxFrameBytes }, maxCommandBytes, limits }: ResolvedOptions): void {
  if (maxFrameBytes === undefined) return;
  const { maxBytesPerMessage } = { ...defaultLimits, ...limits };
  const room = maxFrameBytes - frameOverhead;
  if (maxCommandBytes > room) {
    throw new ConfigurationError('maxCommandBytes', `${maxCommandBytes} is more than the transport carries (${room})`);
  }
  if (maxBytesPerMessage > room) {
    throw new ConfigurationError(
      'limits.maxBytesPerMessage',
      `${maxBytesPerMessage} is more than the transport carries (${room})`,
    );
  }
}

function resolveTiming(options: RaftNodeOptions): RaftTiming {
  const { followerMaxIdleInMs, electionTimeoutInMs, heartbeatInMs } = { ...defaultTiming, ...options };
  atLeast('heartbeatInMs', heartbeatInMs, 1);
  atLeast('followerMaxIdleInMs', followerMaxIdleInMs, 1);
  atLeast('electionTimeoutInMs', electionTimeoutInMs, 1);
  if (heartbeatInMs * 2 > followerMaxIdleInMs) {
    throw new ConfigurationError(
      'heartbeatInMs',
      `${heartbeatInMs} is more than half of followerMaxIdleInMs (${followerMaxIdleInMs})`,
    );
  }
  return { followerMaxIdleInMs, electionTimeoutInMs, heartbeatInMs };
}

function resolveLimits(limits: Partial<RaftLimits> = {}): Partial<RaftLimits> {
  for (const [field, value] of Object.entries(limits)) integer(`limits.${field}`, value, 1);
  return limits;
}

function resolvePolicy(given: Partial<SnapshotPolicy> = {}): SnapshotPolicy {
  const policy = { ...defaultSnapshotPolicy, ...given };
  for (const [field, value] of Object.entries(policy)) integer(`snapshotPolicy.${field}`, value, 0);
  return policy;
}

function resolvePlan(options: RaftNodeOptions): BootstrapPlan {
  const { id: self, peers, expectedPeers, bootstrap, learner, discoveryTimeInMs } = options;
  const count = expectedPeers === undefined ? undefined : integer('expectedPeers', expectedPeers, 1);
  const discovery = atLeast('discoveryTimeInMs', discoveryTimeInMs ?? 5000, 0);
  const ids = peers?.map((peer) => id('peers', peer));
  if (bootstrap === false || learner === true) return { type: 'none' };
  if (ids !== undefined && ids.length > 0) return { type: 'list', ids: [...new Set([self, ...ids])] };
  if (count !== undefined) return { type: 'count', count };
  return { type: 'found', discoveryTimeInMs: discovery };
}

/** A log is compacted behind snapshots: one that outlives the process is worth nothing without them. */
function snapshotStore({ logStore, snapshotStore: given }: RaftNodeOptions): SnapshotStore {
  if (logStore !== undefined && given === undefined) {
    throw new ConfigurationError('snapshotStore', 'is needed beside a logStore, to keep snapshots as long');
  }
  return given ?? new MemorySnapshotStore();
}

/** A log that is compacted behind snapshots which nobody can restore would keep whoever is behind out for good. */
function stateMachine(given: StateMachine = stateless): StateMachine {
  if (typeof given?.apply !== 'function') throw new ConfigurationError('stateMachine', 'has no apply');
  if ((given.snapshot === undefined) !== (given.restore === undefined)) {
    throw new ConfigurationError('stateMachine', 'has one of snapshot and restore, where it needs both or none');
  }
  return given;
}

function transport(value: Transport): Transport {
  if (typeof value?.open !== 'function' || typeof value.send !== 'function') {
    throw new ConfigurationError('transport', 'is not a transport');
  }
  return value;
}

function id(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 256) {
    throw new ConfigurationError(field, 'has to be a string of 1 to 256 characters');
  }
  return value;
}

function atLeast(field: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    throw new ConfigurationError(field, `${String(value)} is not a number of at least ${least}`);
  }
  return value;
}

function integer(field: string, value: unknown, least: number): number {
  const number = atLeast(field, value, least);
  if (!Number.isSafeInteger(number)) throw new ConfigurationError(field, `${number} is not a whole number`);
  return number;
}
