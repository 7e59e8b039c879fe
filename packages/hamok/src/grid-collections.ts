import type {
  Collection,
  Collections,
  EventArguments,
  FederatedStorage,
  FederatedStorageOptions,
  HamokCounter,
  HamokCounterOptions,
  HamokEmitter,
  HamokEmitterOptions,
  HamokLock,
  HamokLockOptions,
  HamokMap,
  HamokMapOptions,
  HamokQueue,
  HamokQueueOptions,
  HamokRecord,
  HamokRecordOptions,
  HamokRemoteMap,
  HamokRemoteMapOptions,
  HamokSemaphore,
  HamokSemaphoreOptions,
  ReplicatedStorage,
  ReplicatedStorageOptions,
  SeparatedStorage,
  SeparatedStorageOptions,
} from '@hamok/collections';
import { EventEmitter } from 'eventemitter3';
import type { HamokEventMap } from './events.js';

/** Told only of a collection that was there. */
type Existed = (alreadyExisted: boolean) => void;

/**
 * The collections of a member. Each `create…` is that of `Collections`: what has an id is the same on every member that creates it,
 * and each `getOrCreate…` gives the one that was created here already, which `callback` is told, or a new one.
 *
 * One id names one kind, on every member. Where another kind is known here, these throw a `StorageKindError`; where only the log
 * knew it, `ready` and every call reject with that. The same goes for the `backups` of separated and federated storages, which the
 * log alone knows: a `BackupsError`.
 */
export abstract class GridCollections extends EventEmitter<HamokEventMap> {
  protected abstract readonly collections: Collections;

  /** Those created here, of every kind, by id. */
  get storages(): ReadonlyMap<string, Collection> {
    return this.collections.storages;
  }

  createMap<K, V>(options: HamokMapOptions<K, V>): HamokMap<K, V> {
    return this.collections.createMap(options);
  }

  getOrCreateMap<K, V>(options: HamokMapOptions<K, V>, callback?: Existed): HamokMap<K, V> {
    return this.collections.getOrCreateMap(options, callback);
  }

  createRecord<T extends object>(options: HamokRecordOptions<T>): HamokRecord<T> {
    return this.collections.createRecord(options);
  }

  getOrCreateRecord<T extends object>(options: HamokRecordOptions<T>, callback?: Existed): HamokRecord<T> {
    return this.collections.getOrCreateRecord(options, callback);
  }

  createQueue<T>(options: HamokQueueOptions<T>): HamokQueue<T> {
    return this.collections.createQueue(options);
  }

  getOrCreateQueue<T>(options: HamokQueueOptions<T>, callback?: Existed): HamokQueue<T> {
    return this.collections.getOrCreateQueue(options, callback);
  }

  createEmitter<T extends EventArguments<T> = Record<string, unknown[]>, M = Record<string, unknown>>(
    options: HamokEmitterOptions<T>,
  ): HamokEmitter<T, M> {
    return this.collections.createEmitter<T, M>(options);
  }

  getOrCreateEmitter<T extends EventArguments<T> = Record<string, unknown[]>, M = Record<string, unknown>>(
    options: HamokEmitterOptions<T>,
    callback?: Existed,
  ): HamokEmitter<T, M> {
    return this.collections.getOrCreateEmitter<T, M>(options, callback);
  }

  createRemoteMap<K, V>(options: HamokRemoteMapOptions<K, V>): HamokRemoteMap<K, V> {
    return this.collections.createRemoteMap(options);
  }

  getOrCreateRemoteMap<K, V>(options: HamokRemoteMapOptions<K, V>, callback?: Existed): HamokRemoteMap<K, V> {
    return this.collections.getOrCreateRemoteMap(options, callback);
  }

  createSeparatedStorage<K, V>(options: SeparatedStorageOptions<K, V>): SeparatedStorage<K, V> {
    return this.collections.createSeparatedStorage(options);
  }

  getOrCreateSeparatedStorage<K, V>(
    options: SeparatedStorageOptions<K, V>,
    callback?: Existed,
  ): SeparatedStorage<K, V> {
    return this.collections.getOrCreateSeparatedStorage(options, callback);
  }

  createFederatedStorage<K, V>(options: FederatedStorageOptions<K, V>): FederatedStorage<K, V> {
    return this.collections.createFederatedStorage(options);
  }

  getOrCreateFederatedStorage<K, V>(
    options: FederatedStorageOptions<K, V>,
    callback?: Existed,
  ): FederatedStorage<K, V> {
    return this.collections.getOrCreateFederatedStorage(options, callback);
  }

  createReplicatedStorage<K, V>(options: ReplicatedStorageOptions<K, V>): ReplicatedStorage<K, V> {
    return this.collections.createReplicatedStorage(options);
  }

  getOrCreateReplicatedStorage<K, V>(
    options: ReplicatedStorageOptions<K, V>,
    callback?: Existed,
  ): ReplicatedStorage<K, V> {
    return this.collections.getOrCreateReplicatedStorage(options, callback);
  }

  createLock(options: HamokLockOptions): HamokLock {
    return this.collections.createLock(options);
  }

  getOrCreateLock(options: HamokLockOptions, callback?: Existed): HamokLock {
    return this.collections.getOrCreateLock(options, callback);
  }

  createSemaphore(options: HamokSemaphoreOptions): HamokSemaphore {
    return this.collections.createSemaphore(options);
  }

  getOrCreateSemaphore(options: HamokSemaphoreOptions, callback?: Existed): HamokSemaphore {
    return this.collections.getOrCreateSemaphore(options, callback);
  }

  createCounter(options: HamokCounterOptions): HamokCounter {
    return this.collections.createCounter(options);
  }

  getOrCreateCounter(options: HamokCounterOptions, callback?: Existed): HamokCounter {
    return this.collections.getOrCreateCounter(options, callback);
  }
}
