import type { Storage, StorageEvents } from '../../src/index.js';

/** The events of changes of a storage from now on, each with its arguments. */
export function told<K, V>(storage: Storage<K, V>): unknown[][] {
  const events: unknown[][] = [];
  const names: (keyof StorageEvents<K, V>)[] = ['created', 'updated', 'deleted', 'evicted', 'restored', 'cleared'];
  for (const name of names) storage.events.on(name, (...details: unknown[]) => void events.push([name, ...details]));
  return events;
}
