import type { HamokMap, HamokQueue } from 'hamok';
import {
  anyEmitterOf,
  anyMapOf,
  anyQueueOf,
  anyRecordOf,
  anyStorageOf,
  emitterOf,
  endingMapOf,
  lineOf,
  mapOf,
  plainRemoteMapOf,
  recordOf,
  remoteMapOf,
  worksOf,
} from '../workload/collections.js';
import type { Process } from '../world/process.js';

const mapEvents = ['insert', 'update', 'remove', 'expire', 'clear'] as const;
const changes = ['insert', 'update', 'remove', 'clear'] as const;
const queueEvents = ['add', 'remove', 'empty', 'not-empty', 'dead-letter'] as const;
const subscriptionEvents = ['added', 'updated', 'removed'] as const;
const storageEvents = ['created', 'updated', 'deleted', 'expired', 'evicted', 'restored', 'cleared'] as const;

/** What the collections of each process tell of an entry, in one line each: who tells, what, and with which arguments. */
export class ToldEvents {
  readonly #told = new WeakMap<Process, string[]>();
  readonly #last = new WeakMap<Process, { readonly index: number; readonly events: readonly string[] }>();

  listen(process: Process): void {
    const events: string[] = [];
    this.#told.set(process, events);
    const tell =
      (collection: string, event: string) =>
      (...args: unknown[]): void => {
        events.push(JSON.stringify([collection, event, ...args]));
      };
    for (const map of [mapOf(process), endingMapOf(process), anyMapOf(process)])
      for (const event of mapEvents) (map as HamokMap<unknown, unknown>).on(event, tell(map.id, event));
    for (const queue of [lineOf(process), worksOf(process), anyQueueOf(process)])
      for (const event of queueEvents) (queue as HamokQueue<unknown>).on(event, tell(queue.id, event));
    for (const record of [recordOf(process), anyRecordOf(process)])
      for (const event of changes) record.on(event, tell(record.id, event));
    for (const remoteMap of [remoteMapOf(process), plainRemoteMapOf(process)])
      for (const event of changes) remoteMap.on(event, tell(remoteMap.id, event));
    for (const { id, subscriptions } of [emitterOf(process), anyEmitterOf(process)])
      for (const event of subscriptionEvents) subscriptions.on(event, tell(id, event));
    const storage = anyStorageOf(process);
    for (const event of storageEvents) storage.events.on(event, tell(storage.id, event));
  }

  /** What belongs to a state that is gone: the next entry may be the last one again. */
  forget(process: Process): void {
    this.#told.get(process)?.splice(0);
    this.#last.delete(process);
  }

  /** What was told of the entry that was applied last. */
  at(process: Process, index: number): readonly string[] {
    const last = this.#last.get(process);
    if (last?.index === index) return last.events;
    const events = this.#told.get(process)?.splice(0) ?? [];
    this.#last.set(process, { index, events });
    return events;
  }
}
