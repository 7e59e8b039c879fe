import type { Clock, Logger, LogStore, Random, SnapshotPolicy, SnapshotStore } from '@hamok/raft';
import { systemClock, systemRandom } from '@hamok/raft';
import type { Transport } from '@hamok/transport';
import { ConfigurationError } from './errors.js';
import { sharedLogger } from './logging.js';
import { MemoryStoredRaftLogs } from './memory-stored-raft-logs.js';

/** Where snapshots are kept, and when they are taken. */
export interface HamokSnapshotConfig extends Partial<SnapshotPolicy> {
  /** Default: in memory. */
  readonly store?: SnapshotStore;
}

/** Everything is optional. Times are in ms. */
export interface HamokConfig<AppData = Record<string, unknown>> {
  /** This member's id: 1 to 256 characters, the same after a restart. Default: a random UUID. */
  readonly peerId: string;
  /** Caps one election. From 1, default 3000. */
  readonly electionTimeoutInMs: number;
  /** Silence after which a follower suspects the leader; each wait is this to twice this. From 1, default 1000. */
  readonly followerMaxIdleInMs: number;
  /** Longest a leader stays silent. From 1 to half of `followerMaxIdleInMs`, default 100. Never the pace of replication. */
  readonly heartbeatInMs: number;
  /** A voter that never stands for election, unless it is the only one. Default: false. */
  readonly onlyFollower: boolean;
  /** The members that a new grid begins with, all of them; oneself may be listed. Default: none. */
  readonly peers: readonly string[];
  /** How many members, oneself counted, must be found before a new grid begins. From 1, default: none. */
  readonly expectedPeers: number;
  /** False: only ever joins a grid that runs. Default: true. */
  readonly bootstrap: boolean;
  /** Members of differently named grids ignore each other. Default: `hamok`. */
  readonly gridName: string;
  /** When another grid with this name is met: the event `grid-conflict` and an `error`. The only policy so far, and the default. */
  readonly onGridConflict: 'error';
  /** After how much silence the leader removes a member; 0: never. Default: never with `peers`, else 30000. */
  readonly removeDeadAfterInMs: number;
  /** Changes of this member that may wait for their outcome at once. The same on every member. From 1, default 4096. */
  readonly maxInFlight: number;
  /** Bytes of one change. The same on every member. From 2048, default 4 MiB. */
  readonly maxCommandBytes: number;
  /**
   * How members are connected; or what makes it, at each start: a transport is opened once in its life, so only the latter allows
   * a start after a stop. Default: the event `message` and the method `accept`.
   */
  readonly transport: Transport | (() => Transport);
  /**
   * Keeps who this member is, its votes and its log, so that it comes back as the same member. Needs a `snapshots.store` that keeps
   * snapshots as long. Default: memory, and a member that comes back begins anew.
   */
  readonly raftLogs: LogStore | MemoryStoredRaftLogs;
  readonly snapshots: HamokSnapshotConfig;
  /** Applied entries older than this may be compacted, behind a snapshot; 0: age does not matter. Default 300000. */
  readonly logEntriesExpirationTimeInMs: number;
  /**
   * How long calls wait that are not told otherwise, and those that are made while a member searches for a grid, as much longer as one
   * search takes. From 1, default 5000.
   */
  readonly requestTimeoutInMs: number;
  /** The application's own data, kept by reference. Default: `{}`. */
  readonly appData: AppData;
  /** Default: silent; see `addHamokLogTransport`. */
  readonly logger: Logger;
  /** For tests and simulators. Default: the system's. */
  readonly clock: Clock;
  /** For tests and simulators: numbers in [0, 1). Default: the system's. */
  readonly random: Random;
  /** Accepted for programs of 2.6, without effect. */
  readonly initialLogEntries: unknown;
  /** Accepted for programs of 2.6, without effect. */
  readonly ongoingRequestsSendingPeriodInMs: number;
  /** Accepted for programs of 2.6, without effect. */
  readonly remoteStorageStateWaitingTimeoutInMs: number;
  /** Accepted for programs of 2.6, without effect. */
  readonly autoStopOnNoRemotePeers: boolean;
}

type Defaulted =
  | 'peerId'
  | 'electionTimeoutInMs'
  | 'followerMaxIdleInMs'
  | 'heartbeatInMs'
  | 'onlyFollower'
  | 'bootstrap'
  | 'gridName'
  | 'maxInFlight'
  | 'maxCommandBytes'
  | 'snapshots'
  | 'requestTimeoutInMs'
  | 'appData'
  | 'logger'
  | 'clock'
  | 'random';

/** The configuration in force. */
export type HamokObjectConfig<AppData = Record<string, unknown>> = Partial<HamokConfig<AppData>> &
  Pick<HamokConfig<AppData>, Defaulted>;

const numbers: readonly (readonly [field: keyof HamokConfig, least: number, whole: boolean])[] = [
  ['electionTimeoutInMs', 1, false],
  ['followerMaxIdleInMs', 1, false],
  ['heartbeatInMs', 1, false],
  ['requestTimeoutInMs', 1, false],
  ['logEntriesExpirationTimeInMs', 0, false],
  ['removeDeadAfterInMs', 0, false],
  ['expectedPeers', 1, true],
  ['maxInFlight', 1, true],
  ['maxCommandBytes', 2048, true],
];

/** @throws {ConfigurationError} naming the first field that makes no sense. Fields that are not known are ignored. */
export function resolveConfig<AppData>(given: Partial<HamokConfig<AppData>>): HamokObjectConfig<AppData> {
  checkMethods('config', given, []);
  const config: HamokObjectConfig<AppData> = {
    // biome-ignore lint/nursery/noJsRestrictedProperties: a name that stands for itself. Whoever simulates passes another.
    peerId: crypto.randomUUID(),
    electionTimeoutInMs: 3000,
    followerMaxIdleInMs: 1000,
    heartbeatInMs: 100,
    onlyFollower: false,
    bootstrap: true,
    gridName: 'hamok',
    maxInFlight: 4096,
    maxCommandBytes: 4 * 1024 * 1024,
    snapshots: {},
    requestTimeoutInMs: 5000,
    appData: {} as AppData,
    logger: sharedLogger,
    clock: systemClock,
    random: systemRandom,
    ...withoutUndefined(given),
  };
  for (const [field, least, whole] of numbers)
    if (config[field] !== undefined) checkNumber(field, config[field], least, whole);
  const { heartbeatInMs, followerMaxIdleInMs } = config;
  refuseUnless('heartbeatInMs', heartbeatInMs * 2 <= followerMaxIdleInMs, 'is more than half of followerMaxIdleInMs');
  checkName('peerId', config.peerId);
  checkName('gridName', config.gridName);
  for (const field of ['onlyFollower', 'bootstrap'] as const)
    refuseUnless(field, typeof config[field] === 'boolean', 'is not a boolean');
  refuseUnless('onGridConflict', (config.onGridConflict ?? 'error') === 'error', "can only be 'error'");
  checkObjects(config);
  checkMethods('clock', config.clock, ['now', 'wallTime', 'setTimer', 'defer']);
  refuseUnless('random', typeof config.random === 'function', 'is not a function');
  return config;
}

function checkObjects<AppData>({ peers, transport, raftLogs, snapshots, logger }: HamokObjectConfig<AppData>): void {
  if (peers !== undefined) {
    refuseUnless('peers', Array.isArray(peers), 'is not a list of ids');
    for (const peer of peers) checkName('peers', peer);
  }
  if (transport !== undefined && typeof transport !== 'function')
    checkMethods('transport', transport, ['open', 'send', 'close']);
  checkMethods('logger', logger, ['debug', 'info', 'warn', 'error']);
  checkMethods('snapshots', snapshots, []);
  const { store, ...policy } = snapshots;
  if (store !== undefined) checkMethods('snapshots.store', store, ['latest', 'create']);
  if (raftLogs !== undefined && !(raftLogs instanceof MemoryStoredRaftLogs)) {
    checkMethods('raftLogs', raftLogs, ['open', 'begin', 'append', 'compact', 'clear', 'close']);
    refuseUnless('snapshots.store', store !== undefined, 'is needed beside raftLogs, to keep snapshots as long');
  }
  for (const [field, value] of Object.entries(policy)) checkNumber(`snapshots.${field}`, value, 0, true);
}

function withoutUndefined<T extends object>(given: T): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

/** @throws {ConfigurationError} */
export function checkName(field: string, value: unknown): void {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= 256;
  refuseUnless(field, fits, 'has to be a string of 1 to 256 characters');
}

/** @throws {ConfigurationError} */
export function checkNumber(field: string, value: unknown, least: number, whole: boolean): void {
  const fits =
    typeof value === 'number' && value >= least && (whole ? Number.isSafeInteger(value) : Number.isFinite(value));
  refuseUnless(field, fits, `${String(value)} is not a ${whole ? 'whole ' : ''}number from ${least}`);
}

/** @throws {ConfigurationError} unless it is an object with these methods. */
export function checkMethods(field: string, value: unknown, methods: readonly (string | symbol)[]): void {
  refuseUnless(field, typeof value === 'object' && value !== null, 'is not an object');
  for (const method of methods)
    refuseUnless(field, typeof Object(value)[method] === 'function', `has no method ${String(method)}`);
}

function refuseUnless(field: string, fits: boolean, problem: string): void {
  if (!fits) throw new ConfigurationError(field, problem);
}
