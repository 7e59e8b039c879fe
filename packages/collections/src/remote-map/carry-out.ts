import { MessageType } from '@hamok/messages';
import { CodecError } from '../errors.js';
import type { Outcome } from '../replicated/result.js';
import type { StorageView } from '../storage/transactional-storage.js';
import type { PendingChange } from './pending-change.js';
import type { RemoteMapCodecs } from './remote-map-codecs.js';

/** What a leader needs of a storage to make a change. */
export type ChangeableStorage<K, V> = Pick<
  StorageView<K, V>,
  'get' | 'getAll' | 'setAll' | 'insertAll' | 'deleteAll' | 'clear'
>;

/**
 * Makes one change. Resolves with an outcome for each of its keys.
 *
 * @param equalValues by which what is there is compared with what a change expects
 * @throws CodecError, and what the storage rejects with
 */
export async function carryOut<K, V>(
  change: PendingChange,
  storage: ChangeableStorage<K, V>,
  codecs: RemoteMapCodecs<K, V>,
  equalValues: (a: V, b: V) => boolean,
): Promise<readonly Outcome[]> {
  const { type, keys, prevValue } = change;
  const encoded = (given: ReadonlyMap<K, V>): Outcome[] =>
    codecs.valuesFor(keys, given).map((value) => (value === undefined ? undefined : codecs.encodeValue(value)));
  const isExpected = async (expected: Uint8Array): Promise<boolean> => {
    const [key] = keys;
    const current = key === undefined ? undefined : await storage.get(codecs.decodeKey(key));
    return current !== undefined && equalValues(current, codecs.decodeValue(expected));
  };
  switch (type) {
    case MessageType.UPDATE_ENTRIES_REQUEST: {
      const entries = decodeEntries(change, codecs);
      if (prevValue !== undefined && !(await isExpected(prevValue))) return [false];
      const before = await storage.setAll(entries);
      return made(() => encoded(before));
    }
    case MessageType.INSERT_ENTRIES_REQUEST: {
      const existing = await storage.insertAll(decodeEntries(change, codecs));
      return made(() => encoded(existing));
    }
    case MessageType.DELETE_ENTRIES_REQUEST:
    case MessageType.REMOVE_ENTRIES_REQUEST: {
      const decoded = keys.map((key) => codecs.decodeKey(key));
      if (prevValue !== undefined && !(await isExpected(prevValue))) return [false];
      const before = encoded(await storage.getAll(decoded));
      const gone = await storage.deleteAll(decoded);
      const deleted = made(() => codecs.among(keys, gone));
      return before.map((value, at) => (deleted[at] === true ? (value ?? true) : undefined));
    }
    default:
      await storage.clear();
      return keys.map(() => undefined);
  }
}

/** What cannot be encoded here comes too late to keep the change from being made. */
function made<T>(encode: () => T): T {
  try {
    return encode();
  } catch (cause) {
    throw new CodecError('made, but what was there before cannot be encoded', { mayHaveHappened: true, cause });
  }
}

function decodeEntries<K, V>({ keys, values }: PendingChange, codecs: RemoteMapCodecs<K, V>): [K, V][] {
  return keys.flatMap((key, at) => {
    const value = values[at];
    return value === undefined ? [] : [[codecs.decodeKey(key), codecs.decodeValue(value)]];
  });
}
