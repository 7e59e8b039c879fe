import { isObject } from '../arguments.js';
import { OptionError } from '../errors.js';
import type { RemoteMapCodecs } from './remote-map-codecs.js';
import type { RemoteMap, RemoteMapUpdateResult, RemoteStorage } from './remote-map-options.js';

/** @throws OptionError for what is neither a storage nor what 2.6 calls a remote map */
export function remoteStorage<K, V>(
  given: RemoteStorage<K, V> | RemoteMap<K, V>,
  codecs: RemoteMapCodecs<K, V>,
): RemoteStorage<K, V> {
  if (isObject(given) && 'insertAll' in given && Symbol.asyncIterator in given) return given;
  if (isObject(given) && 'removeAll' in given && 'iterator' in given) return fromLegacy(given, codecs);
  throw new OptionError('remoteMap', 'must be a Storage, or a RemoteMap of 2.6');
}

/** A remote map of 2.6 as a storage. What it does not have takes two of its calls. */
function fromLegacy<K, V>(map: RemoteMap<K, V>, codecs: RemoteMapCodecs<K, V>): RemoteStorage<K, V> {
  const getAll = async (keys: Iterable<K>): Promise<ReadonlyMap<K, V>> => held(await map.getAll([...keys].values()));
  const setAll = async (entries: Iterable<readonly [K, V]>): Promise<ReadonlyMap<K, V>> => {
    const list = new Map(entries);
    const before = await getAll(list.keys());
    let told: RemoteMapUpdateResult<K, V> | undefined;
    await map.setAll(list, (result) => {
      told = result;
    });
    // Not every remote map calls back; one that does knows better.
    return told === undefined ? before : new Map(told.updated.map(([key, oldValue]) => [key, oldValue]));
  };
  return {
    size: () => map.size(),
    keys: async () => new Set(await map.keys()),
    get: (key) => map.get(key),
    getAll,
    setAll,
    insertAll: async (entries) => {
      const list = [...entries];
      const existing = await getAll(list.map(([key]) => key));
      const taken = codecs.among(
        list.map(([key]) => codecs.encodeKey(key)),
        existing.keys(),
      );
      const free = list.filter((_, at) => taken[at] === false);
      if (free.length > 0) await map.setAll(new Map(free), () => undefined);
      return existing;
    },
    deleteAll: async (keys) => new Set(held(await map.removeAll([...keys].values())).keys()),
    clear: () => map.clear(),
    [Symbol.asyncIterator]: () => map.iterator(),
  };
}

/** Some give undefined for what they do not hold. */
function held<K, V>(given: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return new Map(Array.from(given).filter(([, value]) => value !== undefined));
}
