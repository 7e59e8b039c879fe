import { isObject } from './arguments.js';
import { type Clock, systemClock } from './clock.js';
import type { Collection, CollectionContext, CollectionOptions } from './collection.js';
import type { Consensus, MemberId } from './consensus.js';
import { HamokCounter, type HamokCounterOptions } from './counter/hamok-counter.js';
import { DirectChannel } from './direct-channel.js';
import { answerUnclaimed } from './emitter/delivery-messages.js';
import type { EventArguments, HamokEmitterOptions } from './emitter/emitter-options.js';
import { HamokEmitter } from './emitter/hamok-emitter.js';
import { ClosedError, type HamokError, OptionError, StorageExistsError, StorageKindError } from './errors.js';
import { FederatedStorage, type FederatedStorageOptions } from './federated-storage/federated-storage.js';
import { HamokLock, type HamokLockOptions } from './lock/hamok-lock.js';
import { HamokMap } from './map/hamok-map.js';
import type { HamokMapOptions } from './map/map-options.js';
import { HoldNames } from './permits/hold-names.js';
import { HamokQueue } from './queue/hamok-queue.js';
import type { HamokQueueOptions } from './queue/queue-options.js';
import { HamokRecord } from './record/hamok-record.js';
import type { HamokRecordOptions } from './record/record-options.js';
import { HamokRemoteMap } from './remote-map/hamok-remote-map.js';
import type { HamokRemoteMapOptions } from './remote-map/remote-map-options.js';
import { ReplicatedState } from './replicated/replicated-state.js';
import { kindName } from './replicated/storage-kinds.js';
import { ReplicatedStorage, type ReplicatedStorageOptions } from './replicated-storage/replicated-storage.js';
import { HamokSemaphore, type HamokSemaphoreOptions } from './semaphore/hamok-semaphore.js';
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
  readonly #holdNames: HoldNames;
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
    this.#holdNames = new HoldNames(self);
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
    const shown = this.#shown<HamokMap<K, V>>(options?.mapId, HamokMap, 'map', callback);
    return shown ?? this.createMap(options);
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
    const shown = this.#shown<HamokQueue<T>>(options?.queueId, HamokQueue, 'queue', callback);
    return shown ?? this.createQueue(options);
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
    const shown = this.#shown<HamokRecord<T>>(options?.recordId, HamokRecord, 'record', callback);
    return shown ?? this.createRecord(options);
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
    const shown = this.#shown<HamokEmitter<T, M>>(options?.emitterId, HamokEmitter, 'emitter', callback);
    return shown ?? this.createEmitter(options);
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
    const shown = this.#shown<HamokRemoteMap<K, V>>(options?.mapId, HamokRemoteMap, 'remote map', callback);
    return shown ?? this.createRemoteMap(options);
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
    const shown = this.#shown<ReplicatedStorage<K, V>>(
      options?.storageId,
      ReplicatedStorage,
      'replicated storage',
      callback,
    );
    return shown ?? this.createReplicatedStorage(options);
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
    const shown = this.#shown<SeparatedStorage<K, V>>(
      options?.storageId,
      SeparatedStorage,
      'separated storage',
      callback,
    );
    return shown ?? this.createSeparatedStorage(options);
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
    const shown = this.#shown<FederatedStorage<K, V>>(
      options?.storageId,
      FederatedStorage,
      'federated storage',
      callback,
    );
    return shown ?? this.createFederatedStorage(options);
  }

  /**
   * Shows the lock with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createLock(options: HamokLockOptions): HamokLock {
    this.#check(options, 'lockId', options?.lockId);
    return this.#show(options.lockId, () => new HamokLock(this.#context, options, this.#holdNames));
  }

  /**
   * The lock with that id that this member shows already (whose lease it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateLock(options: HamokLockOptions, callback?: (alreadyExisted: boolean) => void): HamokLock {
    return this.#shown(options?.lockId, HamokLock, 'lock', callback) ?? this.createLock(options);
  }

  /**
   * Shows the semaphore with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createSemaphore(options: HamokSemaphoreOptions): HamokSemaphore {
    this.#check(options, 'semaphoreId', options?.semaphoreId);
    return this.#show(options.semaphoreId, () => new HamokSemaphore(this.#context, options, this.#holdNames));
  }

  /**
   * The semaphore with that id that this member shows already (whose permits and lease it keeps), or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateSemaphore(options: HamokSemaphoreOptions, callback?: (alreadyExisted: boolean) => void): HamokSemaphore {
    return this.#shown(options?.semaphoreId, HamokSemaphore, 'semaphore', callback) ?? this.createSemaphore(options);
  }

  /**
   * Shows the counter with that id, and makes the grid know it.
   *
   * @throws what `createMap` throws
   */
  createCounter(options: HamokCounterOptions): HamokCounter {
    this.#check(options, 'counterId', options?.counterId);
    return this.#show(options.counterId, () => new HamokCounter(this.#context, options, this.#holdNames));
  }

  /**
   * The counter with that id that this member shows already, or a new one.
   *
   * @param callback called with true when it existed here already
   * @throws what `createMap` throws, but for `StorageExistsError`
   */
  getOrCreateCounter(options: HamokCounterOptions, callback?: (alreadyExisted: boolean) => void): HamokCounter {
    return this.#shown(options?.counterId, HamokCounter, 'counter', callback) ?? this.createCounter(options);
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

  #shown<C extends Collection>(
    id: string,
    type: new (...parts: never[]) => C,
    asked: string,
    callback: ((alreadyExisted: boolean) => void) | undefined,
  ): C | undefined {
    const existing = this.storages.get(id);
    if (existing === undefined) return undefined;
    if (!(existing instanceof type)) throw new StorageKindError(id, asked, nameOf(existing));
    callback?.(true);
    return existing;
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

/** What a program created: some are maps in the grid, and not here. */
function nameOf(collection: Collection): string {
  if (collection instanceof HamokCounter) return 'counter';
  if (collection instanceof HamokLock) return 'lock';
  if (collection instanceof HamokSemaphore) return 'semaphore';
  return kindName(collection.kind);
}
