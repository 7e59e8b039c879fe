import type { StorageKind } from '@hamok/messages';
import { isObject } from './arguments.js';
import { type Clock, systemClock } from './clock.js';
import type { Collection, CollectionContext, CollectionOptions } from './collection.js';
import type { Consensus, MemberId } from './consensus.js';
import { DirectChannel } from './direct-channel.js';
import { answerUnclaimed } from './emitter/delivery-messages.js';
import type { EventArguments, HamokEmitterOptions } from './emitter/emitter-options.js';
import { HamokEmitter } from './emitter/hamok-emitter.js';
import { ClosedError, type HamokError, OptionError, StorageExistsError, StorageKindError } from './errors.js';
import { FederatedStorage, type FederatedStorageOptions } from './federated-storage/federated-storage.js';
import { HamokMap } from './map/hamok-map.js';
import type { HamokMapOptions } from './map/map-options.js';
import { HamokQueue } from './queue/hamok-queue.js';
import type { HamokQueueOptions } from './queue/queue-options.js';
import { HamokRecord } from './record/hamok-record.js';
import type { HamokRecordOptions } from './record/record-options.js';
import { HamokRemoteMap } from './remote-map/hamok-remote-map.js';
import type { HamokRemoteMapOptions } from './remote-map/remote-map-options.js';
import { ReplicatedState } from './replicated/replicated-state.js';
import { kindName } from './replicated/storage-kinds.js';
import { ReplicatedStorage, type ReplicatedStorageOptions } from './replicated-storage/replicated-storage.js';
import { SeparatedStorage, type SeparatedStorageOptions } from './separated-storage/separated-storage.js';
import { Session } from './session/session.js';

export interface CollectionsOptions {
  /** Longest wait of a call in ms, from 0. Default: 5000. */
  readonly requestTimeoutInMs?: number;
  /** What finding a grid takes, in ms from 0: so much longer do calls wait that are made before. Default: 0. */
  readonly entryTimeInMs?: () => number;
  /** Changes of this member that may wait for their outcome at once, from 1. The same on every member. Default: 4096. */
  readonly maxInFlight?: number;
  /** Bytes of one change, at least 2048. The same on every member. Default: 4 MiB. */
  readonly maxCommandBytes?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Errors that belong to no call: of listeners, and of values that cannot be decoded for them. Default: they are dropped. */
  readonly onError?: (error: HamokError) => void;
}

const smallestCommandLimit = 2048;

/** The collections of one member, over an engine that orders their changes. */
export class Collections {
  /** What the engine replicates. It holds every storage of the grid, whatever facades were created here. */
  readonly machine: ReplicatedState;
  /** The facades of this member, by id. */
  readonly storages: Map<string, Collection> = new Map();
  readonly #consensus: Consensus;
  readonly #session: Session;
  readonly #context: CollectionContext;
  #closed = false;

  /** @throws OptionError for a wrong value */
  constructor(consensus: Consensus, options: CollectionsOptions = {}) {
    const { maxInFlight = 4096, maxCommandBytes = 4 * 1024 * 1024, requestTimeoutInMs = 5000 } = options;
    requireFrom('maxInFlight', maxInFlight, 1);
    requireFrom('maxCommandBytes', maxCommandBytes, smallestCommandLimit);
    requireFrom('requestTimeoutInMs', requestTimeoutInMs, 0);
    const { clock = systemClock, entryTimeInMs = () => 0 } = options;
    this.#consensus = consensus;
    this.#session = new Session(consensus, { clock, maxInFlight, maxCommandBytes, requestTimeoutInMs, entryTimeInMs });
    const self = () => consensus.self;
    const propose = (command: Uint8Array) => consensus.propose(command);
    const session = this.#session;
    const channel = new DirectChannel(consensus, maxCommandBytes, answerUnclaimed);
    const receive = (from: MemberId, frame: Uint8Array) => channel.receive(from, frame);
    this.machine = new ReplicatedState({ self, session, maxInFlight, maxCommandBytes, clock, propose, receive });
    this.#context = {
      state: this.machine,
      session,
      channel,
      self,
      barrier: (wait) => consensus.barrier(wait),
      applied: () => consensus.status().applied,
      isLed: () => consensus.status().leader !== undefined,
      clock,
      propose,
      requestTimeoutInMs,
      onError: (error) => report(error, options.onError),
      onClose: (collection) => this.storages.delete(collection.id),
    };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Hands the replicated state to the engine, which begins to deliver. */
  start(): Promise<void> {
    this.#session.begin();
    return this.#consensus.start(this.machine);
  }

  /**
   * Shows the map with that id, and makes the grid know it.
   *
   * @throws StorageExistsError when this member shows it already
   * @throws StorageKindError when the id is known to belong to another kind
   * @throws CodecError when the initial content cannot be encoded
   * @throws OptionError, ClosedError
   */
  createMap<K, V>(options: HamokMapOptions<K, V>): HamokMap<K, V> {
    this.#check(options, 'mapId', options?.mapId);
    return this.#show(options.mapId, () => new HamokMap<K, V>(this.#context, options));
  }

  /**
   * The map with that id that this member shows already (whose codecs it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateMap<K, V>(options: HamokMapOptions<K, V>, callback?: (alreadyExisted: boolean) => void): HamokMap<K, V> {
    const existing = this.storages.get(options?.mapId);
    if (existing === undefined) return this.createMap(options);
    if (!(existing instanceof HamokMap)) throw wrongKind(existing, 'map');
    callback?.(true);
    return existing;
  }

  /**
   * Shows the queue with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createQueue<T>(options: HamokQueueOptions<T>): HamokQueue<T> {
    this.#check(options, 'queueId', options?.queueId);
    return this.#show(options.queueId, () => new HamokQueue<T>(this.#context, options));
  }

  /**
   * The queue with that id that this member shows already (whose codec it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateQueue<T>(options: HamokQueueOptions<T>, callback?: (alreadyExisted: boolean) => void): HamokQueue<T> {
    const existing = this.storages.get(options?.queueId);
    if (existing === undefined) return this.createQueue(options);
    if (!(existing instanceof HamokQueue)) throw wrongKind(existing, 'queue');
    callback?.(true);
    return existing;
  }

  /**
   * Shows the record with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createRecord<T extends object>(options: HamokRecordOptions<T>): HamokRecord<T> {
    this.#check(options, 'recordId', options?.recordId);
    return this.#show(options.recordId, () => new HamokRecord<T>(this.#context, options));
  }

  /**
   * The record with that id that this member shows already (whose codecs it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateRecord<T extends object>(
    options: HamokRecordOptions<T>,
    callback?: (alreadyExisted: boolean) => void,
  ): HamokRecord<T> {
    const existing = this.storages.get(options?.recordId);
    if (existing === undefined) return this.createRecord(options);
    if (!(existing instanceof HamokRecord)) throw wrongKind(existing, 'record');
    callback?.(true);
    return existing;
  }

  /**
   * Shows the emitter with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createEmitter<T extends EventArguments<T> = Record<string, unknown[]>, M = Record<string, unknown>>(
    options: HamokEmitterOptions<T>,
  ): HamokEmitter<T, M> {
    this.#check(options, 'emitterId', options?.emitterId);
    return this.#show(options.emitterId, () => new HamokEmitter<T, M>(this.#context, options));
  }

  /**
   * The emitter with that id that this member shows already (whose codecs it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateEmitter<T extends EventArguments<T> = Record<string, unknown[]>, M = Record<string, unknown>>(
    options: HamokEmitterOptions<T>,
    callback?: (alreadyExisted: boolean) => void,
  ): HamokEmitter<T, M> {
    const existing = this.storages.get(options?.emitterId);
    if (existing === undefined) return this.createEmitter(options);
    if (!(existing instanceof HamokEmitter)) throw wrongKind(existing, 'emitter');
    callback?.(true);
    return existing;
  }

  /**
   * Shows the remote map with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createRemoteMap<K, V>(options: HamokRemoteMapOptions<K, V>): HamokRemoteMap<K, V> {
    this.#check(options, 'mapId', options?.mapId);
    return this.#show(options.mapId, () => new HamokRemoteMap<K, V>(this.#context, options));
  }

  /**
   * The remote map with that id that this member shows already (whose storage and codecs it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateRemoteMap<K, V>(
    options: HamokRemoteMapOptions<K, V>,
    callback?: (alreadyExisted: boolean) => void,
  ): HamokRemoteMap<K, V> {
    const existing = this.storages.get(options?.mapId);
    if (existing === undefined) return this.createRemoteMap(options);
    if (!(existing instanceof HamokRemoteMap)) throw wrongKind(existing, 'remote map');
    callback?.(true);
    return existing;
  }

  /**
   * Shows the replicated storage with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createReplicatedStorage<K, V>(options: ReplicatedStorageOptions<K, V>): ReplicatedStorage<K, V> {
    this.#check(options, 'storageId', options?.storageId);
    return this.#show(options.storageId, () => new ReplicatedStorage<K, V>(this.#context, options));
  }

  /**
   * The replicated storage with that id that this member shows already (whose codecs and own storage it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateReplicatedStorage<K, V>(
    options: ReplicatedStorageOptions<K, V>,
    callback?: (alreadyExisted: boolean) => void,
  ): ReplicatedStorage<K, V> {
    const existing = this.storages.get(options?.storageId);
    if (existing === undefined) return this.createReplicatedStorage(options);
    if (!(existing instanceof ReplicatedStorage)) throw wrongKind(existing, 'replicated storage');
    callback?.(true);
    return existing;
  }

  /**
   * Takes part in the separated storage with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createSeparatedStorage<K, V>(options: SeparatedStorageOptions<K, V>): SeparatedStorage<K, V> {
    this.#check(options, 'storageId', options?.storageId);
    return this.#show(options.storageId, () => new SeparatedStorage<K, V>(this.#context, options));
  }

  /**
   * The separated storage with that id that this member created already (whose codecs and backups it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateSeparatedStorage<K, V>(
    options: SeparatedStorageOptions<K, V>,
    callback?: (alreadyExisted: boolean) => void,
  ): SeparatedStorage<K, V> {
    const existing = this.storages.get(options?.storageId);
    if (existing === undefined) return this.createSeparatedStorage(options);
    if (!(existing instanceof SeparatedStorage)) throw wrongKind(existing, 'separated storage');
    callback?.(true);
    return existing;
  }

  /**
   * Takes part in the federated storage with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createFederatedStorage<K, V>(options: FederatedStorageOptions<K, V>): FederatedStorage<K, V> {
    this.#check(options, 'storageId', options?.storageId);
    return this.#show(options.storageId, () => new FederatedStorage<K, V>(this.#context, options));
  }

  /**
   * The federated storage with that id that this member created already (whose codecs, backups and function it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateFederatedStorage<K, V>(
    options: FederatedStorageOptions<K, V>,
    callback?: (alreadyExisted: boolean) => void,
  ): FederatedStorage<K, V> {
    const existing = this.storages.get(options?.storageId);
    if (existing === undefined) return this.createFederatedStorage(options);
    if (!(existing instanceof FederatedStorage)) throw wrongKind(existing, 'federated storage');
    callback?.(true);
    return existing;
  }

  /** Closes every facade. Calls that still wait end with a `ClosedError`. The engine is not stopped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const collection of [...this.storages.values()]) collection.close();
    this.#session.close();
    this.machine.close();
  }

  #show<C extends Collection>(id: string, make: () => C): C {
    if (this.storages.has(id)) throw new StorageExistsError(id);
    const collection = make();
    this.storages.set(id, collection);
    return collection;
  }

  #check(options: CollectionOptions, field: string, id: string): void {
    if (this.#closed) throw new ClosedError('the grid');
    if (!isObject(options)) throw new OptionError('options', 'must be an object');
    if (typeof id !== 'string' || id === '') throw new OptionError(field, 'must be a string that is not empty');
    const { requestTimeoutInMs } = options;
    if (requestTimeoutInMs !== undefined) requireFrom('requestTimeoutInMs', requestTimeoutInMs, 0);
  }
}

/** Called while commands are applied, which a handler that throws must not stop. */
function report(error: HamokError, handler: CollectionsOptions['onError']): void {
  try {
    handler?.(error);
  } catch {
    // There is nobody left to tell.
  }
}

function requireFrom(field: string, value: number, least: number): void {
  if (!(typeof value === 'number' && value >= least)) throw new OptionError(field, `must be a number from ${least}`);
}

function wrongKind(existing: { readonly id: string; readonly kind: StorageKind }, asked: string): StorageKindError {
  return new StorageKindError(existing.id, asked, kindName(existing.kind));
}
