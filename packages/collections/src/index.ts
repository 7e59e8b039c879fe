export type { BaseMap, BaseMapUpdateResult } from './base-map/base-map.js';
export type { Clock } from './clock.js';
export type { HamokCodec } from './codec.js';
export { createJsonCodec } from './codec.js';
export type { Collection, CollectionOptions } from './collection.js';
export type { CollectionsOptions } from './collections.js';
export { Collections } from './collections.js';
export type {
  CommittedCommand,
  Consensus,
  EngineStatus,
  MemberId,
  MembersChange,
  SnapshotOrigin,
  StateMachine,
  Wait,
} from './consensus.js';
export type { HamokCounterOptions } from './counter/hamok-counter.js';
export { HamokCounter } from './counter/hamok-counter.js';
export type {
  EventArguments,
  EventListener,
  HamokEmitterEvents,
  HamokEmitterOptions,
  HamokEmitterSnapshot,
  HamokEmitterStats,
  PayloadCodec,
  SubscriptionEvents,
} from './emitter/emitter-options.js';
export { HamokEmitter } from './emitter/hamok-emitter.js';
export type { HamokSubscriptions } from './emitter/hamok-subscriptions.js';
export { SingleMemberEngine } from './engine/single-member-engine.js';
export {
  BackupsError,
  BadCommandError,
  BadSnapshotError,
  BusyError,
  ClosedError,
  CodecError,
  HamokError,
  HoldLostError,
  IndeterminateError,
  ListenerError,
  MergeError,
  MissingMembersError,
  NotCommittedError,
  OptionError,
  PartialBatchError,
  StorageExistsError,
  StorageFailedError,
  StorageKindError,
  StorageUnavailableError,
  TooLargeError,
  UnavailableError,
  UnsupportedCommandError,
  WatchGapError,
} from './errors.js';
export type { FederatedStorageOptions } from './federated-storage/federated-storage.js';
export { FederatedStorage } from './federated-storage/federated-storage.js';
export type { HamokLockOptions } from './lock/hamok-lock.js';
export { HamokLock } from './lock/hamok-lock.js';
export { HamokMap } from './map/hamok-map.js';
export type {
  BatchOptions,
  HamokMapChange,
  HamokMapEntry,
  HamokMapEvents,
  HamokMapOptions,
  HamokMapSnapshot,
  ReadOptions,
  WatchOptions,
  WriteAllOptions,
  WriteOptions,
} from './map/map-options.js';
export { Hold } from './permits/hold.js';
export type { AcquireOptions, LeaseOptions } from './permits/permit-options.js';
export { HamokQueue } from './queue/hamok-queue.js';
export { HeldItem } from './queue/held-item.js';
export type {
  HamokQueueEvents,
  HamokQueueOptions,
  HamokQueueSnapshot,
  PopWaitOptions,
  PushOptions,
  TakeOptions,
  WaitOptions,
} from './queue/queue-options.js';
export { HamokRecord } from './record/hamok-record.js';
export type {
  HamokRecordEvents,
  HamokRecordExport,
  HamokRecordOptions,
  HamokRecordSnapshot,
  RecordInsert,
  RecordUpdate,
  SnapshotBytes,
} from './record/record-options.js';
export { HamokRemoteMap } from './remote-map/hamok-remote-map.js';
export type {
  HamokRemoteMapEvents,
  HamokRemoteMapOptions,
  HamokRemoteMapSnapshot,
  RemoteMap,
  RemoteMapUpdateResult,
  RemoteStorage,
} from './remote-map/remote-map-options.js';
export type { AdmissionCode } from './replicated/admission.js';
export type { SnapshotDescription, SnapshotStorage } from './replicated/describe-snapshot.js';
export { describeSnapshot } from './replicated/describe-snapshot.js';
export type { ReplicatedStorageOptions } from './replicated-storage/replicated-storage.js';
export { ReplicatedStorage } from './replicated-storage/replicated-storage.js';
export { createRichCodec } from './rich-codec/rich-codec.js';
export type { HamokSemaphoreOptions } from './semaphore/hamok-semaphore.js';
export { HamokSemaphore } from './semaphore/hamok-semaphore.js';
export type { SeparatedStorageOptions } from './separated-storage/separated-storage.js';
export { SeparatedStorage } from './separated-storage/separated-storage.js';
export type { CallOptions } from './session/call.js';
export type { MemoryStorageOptions } from './storage/memory/memory-options.js';
export { memoryStorage } from './storage/memory/memory-storage.js';
export type { Storage, StorageEvents, StorageOptions } from './storage/storage.js';
export type { StorageView, TransactionalStorage } from './storage/transactional-storage.js';
export type { GridCallOptions, GridStorageOptions } from './storage-grid/grid-storage-options.js';
export type { StorageIncidents } from './storage-grid/storage-incidents.js';
