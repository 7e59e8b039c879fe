export type {
  BaseMap,
  BaseMapUpdateResult,
  BatchOptions,
  CallOptions,
  Collection,
  EventArguments,
  FederatedStorageOptions,
  GridCallOptions,
  HamokCodec,
  HamokEmitterEvents,
  HamokEmitterOptions,
  HamokEmitterOptions as HamokEmitterBuilderConfig,
  HamokEmitterSnapshot,
  HamokEmitterStats,
  HamokMapChange,
  HamokMapEntry,
  HamokMapEvents,
  HamokMapOptions,
  HamokMapOptions as HamokMapBuilderConfig,
  HamokMapSnapshot,
  HamokQueueEvents,
  HamokQueueOptions,
  HamokQueueOptions as HamokQueueBuilderConfig,
  HamokQueueSnapshot,
  HamokRecordEvents,
  HamokRecordOptions,
  HamokRecordOptions as HamokRecordBuilderConfig,
  HamokRecordSnapshot,
  HamokRemoteMapEvents,
  HamokRemoteMapOptions,
  HamokRemoteMapOptions as HamokRemoteMapBuilderConfig,
  HamokRemoteMapSnapshot,
  MemoryStorageOptions,
  PushOptions,
  ReadOptions,
  RemoteMap,
  RemoteMapUpdateResult,
  RemoteStorage,
  ReplicatedStorageOptions,
  SeparatedStorageOptions,
  Storage,
  StorageEvents,
  StorageIncidents,
  StorageOptions,
  TakeOptions,
  TransactionalStorage,
  WatchOptions,
  WriteOptions,
} from '@hamok/collections';
export {
  BackupsError,
  BadCommandError,
  BadSnapshotError,
  BusyError,
  ClosedError,
  CodecError,
  createJsonCodec as createHamokJsonBinaryCodec,
  createRichCodec,
  FederatedStorage,
  HamokEmitter,
  HamokError,
  HamokMap,
  HamokQueue,
  HamokRecord,
  HamokRemoteMap,
  HeldItem,
  IndeterminateError,
  ListenerError,
  MergeError,
  MissingMembersError,
  memoryStorage,
  NotCommittedError,
  OptionError,
  PartialBatchError,
  ReplicatedStorage,
  SeparatedStorage,
  StorageExistsError,
  StorageFailedError,
  StorageKindError,
  StorageUnavailableError,
  TooLargeError,
  UnavailableError,
  WatchGapError,
} from '@hamok/collections';
export { HamokMessage } from '@hamok/messages';
export type { FoundPeer, Logger, PeerInquiry, Wait } from '@hamok/raft';
export { DuplicateMemberError, GridConflictError, MemoryLog, RaftError } from '@hamok/raft';
export {
  DamagedSnapshotError,
  ForeignSnapshotError,
  MemorySnapshotStore,
  NewerSnapshotError,
  SnapshotError,
} from '@hamok/snapshot';
export type { HamokConfig, HamokObjectConfig, HamokSnapshotConfig } from './config.js';
export {
  AbortedError,
  BadInputError,
  ConfigurationError,
  EventListenerError,
  JoinTimeoutError,
  LeaderTimeoutError,
  RunningError,
} from './errors.js';
export type { HamokEventMap, HamokState } from './events.js';
export type { HamokStopOptions } from './hamok.js';
export { Hamok } from './hamok.js';
export type { HamokJoinProcessParams } from './join-params.js';
export type { HamokLogLevel, PinoTarget } from './logging.js';
export { addHamokLogTransport, setHamokLogLevel } from './logging.js';
export type { LogEntry, RaftLogs } from './memory-stored-raft-logs.js';
export { MemoryStoredRaftLogs } from './memory-stored-raft-logs.js';
export { RaftConsensus } from './raft-consensus.js';
export type { HamokFetchRemotePeersResponse } from './remote-peers.js';
export type {
  HamokExportOptions,
  HamokImportOptions,
  HamokSnapshot,
  HamokSnapshotOrigin,
  HamokSnapshotSource,
  HamokSnapshotStream,
} from './snapshot.js';
export type { HamokStats } from './stats.js';
