import type { RemoteMap } from '../../src/index.js';

/** As programs of 2.6 wrote theirs who did not look at what is missing: it is there, as undefined. */
export function carelessMap<V>(entries: Map<string, V>): RemoteMap<string, V> {
  const all = (keys: Iterable<string>) => new Map([...keys].map((key) => [key, entries.get(key)] as [string, V]));
  return {
    ...legacyMap(entries),
    getAll: async (keys) => all(keys),
    setAll: async (list) => {
      for (const [key, value] of list) entries.set(key, value);
    },
    removeAll: async (keys) => {
      const removed = all(keys);
      for (const key of removed.keys()) entries.delete(key);
      return removed;
    },
  };
}

/** As programs of 2.6 wrote theirs. */
export function legacyMap<V>(entries: Map<string, V>): RemoteMap<string, V> {
  return {
    size: async () => entries.size,
    clear: async () => entries.clear(),
    keys: async () => [...entries.keys()].values(),
    get: async (key) => entries.get(key),
    getAll: async (keys) => {
      const wanted = new Set(keys);
      return new Map([...entries].filter(([key]) => wanted.has(key)));
    },
    set: async (key, value, callback) => {
      const before = entries.get(key);
      entries.set(key, value);
      callback?.(before);
    },
    setAll: async (list, callback) => {
      const inserted: [string, V][] = [];
      const updated: [string, V, V][] = [];
      for (const [key, value] of list) {
        const before = entries.get(key);
        if (before === undefined) inserted.push([key, value]);
        else updated.push([key, before, value]);
        entries.set(key, value);
      }
      callback?.({ inserted, updated });
    },
    remove: async (key) => {
      const before = entries.get(key);
      entries.delete(key);
      return before;
    },
    removeAll: async (keys) => {
      const removed = new Map<string, V>();
      for (const key of keys) {
        const before = entries.get(key);
        if (before !== undefined) removed.set(key, before);
        entries.delete(key);
      }
      return removed;
    },
    async *iterator() {
      yield* [...entries];
    },
  };
}
