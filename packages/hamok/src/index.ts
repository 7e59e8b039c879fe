export type {
  Collection,
  HamokCodec,
  HamokMapEvents,
  HamokMapOptions,
  HamokMapOptions as HamokMapBuilderConfig,
  HamokMapSnapshot,
} from '@hamok/collections';
export {
  BadCommandError,
  BusyError,
  ClosedError,
  CodecError,
  createJsonCodec as createHamokJsonBinaryCodec,
  HamokError,
  HamokMap,
  IndeterminateError,
  ListenerError,
  NotCommittedError,
  OptionError,
  StorageExistsError,
  StorageKindError,
  TooLargeError,
} from '@hamok/collections';
export { HamokMessage } from '@hamok/messages';
export type { Logger, Wait } from '@hamok/raft';
export { DuplicateMemberError, GridConflictError, RaftError, UnavailableError } from '@hamok/raft';
export type { HamokConfig, HamokObjectConfig, HamokSnapshotConfig } from './config.js';
export {
  AbortedError,
  BadInputError,
  ConfigurationError,
  EventListenerError,
  JoinTimeoutError,
  LeaderTimeoutError,
} from './errors.js';
export type { HamokEventMap, HamokState } from './events.js';
export type { HamokStopOptions } from './hamok.js';
export { Hamok } from './hamok.js';
export type { HamokJoinProcessParams } from './join-params.js';
export type { HamokLogLevel } from './logging.js';
export { addHamokLogTransport, setHamokLogLevel } from './logging.js';
export { RaftConsensus } from './raft-consensus.js';
export type { HamokStats } from './stats.js';
