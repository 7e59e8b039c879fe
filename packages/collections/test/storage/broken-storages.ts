import { memoryStorage } from '../../src/index.js';
import type { SuiteKey, SuiteStorage, SuiteValue } from '../../src/testing/index.js';

type Defect = (sound: SuiteStorage) => Partial<SuiteStorage>;

const later = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Storages with one mistake each, as people make them. */
export const defects: Readonly<Record<string, Defect>> = {
  'set resolves with the new value': (sound) => ({
    set: async (key, value) => {
      await sound.set(key, value);
      return value;
    },
  }),
  'set takes a falsy value for none': (sound) => ({
    set: async (key, value) => (await sound.set(key, value)) || undefined,
  }),
  'insert overwrites': (sound) => ({ insert: (key, value) => sound.set(key, value) }),
  'insert takes a falsy value for none': (sound) => ({
    insert: async (key, value) => {
      const taken = await sound.get(key);
      return taken ? taken : sound.set(key, value);
    },
  }),
  'insert looks first and writes then': (sound) => ({
    insert: async (key, value) => {
      const taken = await sound.get(key);
      if (taken === undefined) await sound.set(key, value);
      return taken;
    },
  }),
  'insertAll resolves with nothing': (sound) => ({
    insertAll: async (entries) => {
      await sound.insertAll(entries);
      return new Map();
    },
  }),
  'delete is always true': (sound) => ({
    delete: async (key) => {
      await sound.delete(key);
      return true;
    },
  }),
  'deleteAll resolves with the keys that it was given': (sound) => ({
    deleteAll: async (keys) => {
      const all = [...keys];
      await sound.deleteAll(all);
      return new Set(all);
    },
  }),
  'deleteAll says that it evicts': (sound) => ({
    deleteAll: async (keys) => new Set((await sound.evictAll(keys)).keys()),
  }),
  'evict deletes': (sound) => ({ evict: (key) => sound.delete(key) }),
  'restore overwrites': (sound) => ({
    restore: async (key, value) => {
      await sound.evict(key);
      return sound.restore(key, value);
    },
  }),
  'restore inserts': (sound) => ({
    restore: async (key, value) => (await sound.insert(key, value)) === undefined,
  }),
  'getAll leaves falsy values out': (sound) => ({
    getAll: async (keys) => new Map([...(await sound.getAll(keys))].filter(([, value]) => value)),
  }),
  'the first of equal keys counts': (sound) => ({
    setAll: (entries) => sound.setAll([...entries].reverse()),
  }),
  'a batch is made entry by entry': (sound) => ({
    setAll: async (entries) => {
      const before = new Map<SuiteKey, SuiteValue>();
      for (const [key, value] of [...entries]) {
        const old = await sound.set(key, value);
        if (old !== undefined) before.set(key, old);
      }
      return before;
    },
  }),
  'a batch is cut at 1000': (sound) => ({ setAll: (entries) => sound.setAll([...entries].slice(0, 1000)) }),
  'a batch is read too late': (sound) => ({
    setAll: async (entries) => {
      await later();
      return sound.setAll(entries);
    },
  }),
  'an empty batch clears': (sound) => ({
    deleteAll: async (keys) => {
      const all = [...keys];
      if (all.length > 0) return sound.deleteAll(all);
      await sound.clear();
      return new Set();
    },
  }),
  'keys are compared as texts': (sound) => ({
    set: (key, value) => sound.set(String(key), value),
    insert: (key, value) => sound.insert(String(key), value),
    get: (key) => sound.get(String(key)),
  }),
  'results name the keys that are kept': (sound) => ({
    getAll: async (keys) => {
      const kept = await sound.keys();
      const found = new Map<SuiteKey, SuiteValue>();
      for (const [key, value] of await sound.getAll(keys))
        for (const same of kept) if (JSON.stringify(same) === JSON.stringify(key)) found.set(same, value);
      return found;
    },
  }),
  'results name the last of equal keys': (sound) => {
    const last = (keys: readonly SuiteKey[]) => {
      const byText = new Map(keys.map((key) => [JSON.stringify(key), key]));
      return (key: SuiteKey): SuiteKey => byText.get(JSON.stringify(key)) ?? key;
    };
    return {
      deleteAll: async (keys) => {
        const all = [...keys];
        return new Set(Array.from(await sound.deleteAll(all), last(all)));
      },
    };
  },
  'it is empty while it has nothing but falsy values': (sound) => ({
    isEmpty: async () => {
      for await (const [, value] of sound) if (value) return false;
      return true;
    },
  }),
  'all calls of keys give one set': (sound) => {
    const own = new Set<SuiteKey>();
    return {
      keys: async () => {
        const now = await sound.keys();
        own.clear();
        for (const key of now) own.add(key);
        return own;
      },
    };
  },
  'keys hands out what it uses itself': (sound) => {
    let own: Set<SuiteKey> | undefined;
    return {
      keys: async () => {
        own ??= new Set(await sound.keys());
        return own;
      },
    };
  },
  'undefined deletes': (sound) => ({
    set: async (key, value) => {
      if (value !== undefined) return sound.set(key, value);
      const before = await sound.get(key);
      await sound.delete(key);
      return before;
    },
  }),
  'a bad entry ends a batch in its midst': (sound) => ({
    insertAll: async (entries) => {
      const taken = new Map<SuiteKey, SuiteValue>();
      for (const [key, value] of [...entries])
        for (const entry of await sound.insertAll([[key, value]])) taken.set(...entry);
      return taken;
    },
  }),
  'wrong arguments throw': (sound) => ({
    getAll: (keys) => {
      const all = [...keys];
      return sound.getAll(all);
    },
  }),
  'large sets are overtaken by small ones': (sound) => ({
    setAll: async (entries) => {
      const all = [...entries];
      if (all.length > 1000) await later();
      return sound.setAll(all);
    },
  }),
  'a set to an equal value is no change': (sound) => ({
    set: async (key, value) => {
      const before = await sound.get(key);
      return before === value ? before : sound.set(key, value);
    },
  }),
  'cleared is told only where there was something': (sound) => ({
    clear: async () => {
      for (const key of await sound.keys()) await sound.delete(key);
    },
  }),
  'a clear of nothing is not told': (sound) => ({
    clear: async () => {
      if (!(await sound.isEmpty())) await sound.clear();
    },
  }),
  'closed is told before the calls that were made have ended': (sound) => {
    const emit = sound.events.emit.bind(sound.events);
    const late: (() => void)[] = [];
    sound.events.emit = (...event) => {
      if (event[0] === 'created' && event[1] === 'key-19') late.push(() => emit(...event));
      else emit(...event);
      if (event[0] === 'closed') for (const tell of late) tell();
      return true;
    };
    return {};
  },
  'events come after the call': (sound) => {
    const emit = sound.events.emit.bind(sound.events);
    sound.events.emit = (...event) => {
      void later().then(() => emit(...event));
      return true;
    };
    return {};
  },
  'the values of an update are told the other way round': (sound) => {
    const emit = sound.events.emit.bind(sound.events);
    sound.events.emit = (...event) => {
      const [name, key, before, after] = event as unknown as [string, unknown, unknown, unknown];
      return name === 'updated'
        ? emit('updated', key as SuiteKey, after as SuiteValue, before as SuiteValue)
        : emit(...event);
    };
    return {};
  },
  'a listener that throws ends the call': (sound) => ({
    set: async (key, value) => {
      const before = await sound.set(key, value);
      for (const listener of sound.events.listeners('created')) if (before === undefined) listener(key, value);
      return before;
    },
  }),
  'an iteration never ends while entries are added': (sound) => ({
    [Symbol.asyncIterator]: async function* () {
      const seen = new Set<SuiteKey>();
      for (let more = true; more; ) {
        more = false;
        for await (const entry of sound) {
          if (seen.has(entry[0])) continue;
          seen.add(entry[0]);
          more = true;
          yield entry;
        }
      }
    },
  }),
  'an iteration begins again where entries changed': (sound) => ({
    [Symbol.asyncIterator]: async function* () {
      for (let from = 0; ; from += 100) {
        const page = [...(await sound.getAll(await sound.keys()))].slice(from, from + 100);
        if (page.length === 0) return;
        yield* page;
      }
    },
  }),
  'an iteration outlives the storage': (sound) => ({
    [Symbol.asyncIterator]: async function* () {
      yield* [...(await sound.getAll(await sound.keys()))];
    },
  }),
  'a closed storage still answers': (sound) => {
    let size = 0;
    sound.events.on('created', () => {
      size += 1;
    });
    return { size: () => (sound.closed ? Promise.resolve(size) : sound.size()) };
  },
  'an empty batch does not notice that it is closed': (sound) => ({
    getAll: async (keys) => {
      const all = [...keys];
      return all.length === 0 ? new Map() : sound.getAll(all);
    },
  }),
  'closed is told twice': (sound) => {
    const heard: (() => void)[] = [];
    const on = sound.events.on.bind(sound.events);
    sound.events.on = (name, listener, context) => {
      if (name === 'closed') heard.push(listener as () => void);
      return on(name, listener, context);
    };
    return {
      close: async () => {
        const again = sound.closed;
        await sound.close();
        if (again) for (const tell of heard) tell();
      },
    };
  },
  'it is closed only once its close has resolved': (sound) => ({
    close: async () => {
      await later();
      await sound.close();
    },
  }),
  'a second close rejects': (sound) => ({
    close: async () => {
      if (sound.closed) throw new Error('closed already');
      await sound.close();
    },
  }),
};

/** A sound storage, but for what the defect puts in the place of its calls. */
export function brokenStorage(defect: Defect): SuiteStorage {
  const sound = memoryStorage<SuiteKey, SuiteValue>({ id: 'broken' });
  const broken: Partial<Record<PropertyKey, unknown>> = defect(sound);
  return new Proxy<SuiteStorage>(sound, {
    get: (_, name) => {
      const property = name in broken ? broken[name] : Reflect.get(sound, name, sound);
      return typeof property === 'function' ? property.bind(sound) : property;
    },
  });
}
