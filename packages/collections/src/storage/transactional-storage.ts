import type { Storage } from './storage.js';

/**
 * A storage whose database makes several changes at once, and keeps a note beside them. A remote map over one carries each change out
 * once, whatever becomes of its leaders; over any other storage, at least once.
 */
export interface TransactionalStorage<K, V> extends Storage<K, V> {
  /**
   * Runs `work` in one transaction. It gets a view of the entries as of that transaction, and the note that was saved under that name
   * last (undefined where none was), and resolves with the note to save. Afterwards all that it changed is there, and its note, or
   * nothing is; where it resolves with undefined nothing is changed. Transactions that use one name are made one after another,
   * whichever process begins them. Rejects, having changed nothing, with what `work` rejects with.
   *
   * Some databases run `work` again, and forget what it changed, when somebody else has changed what it read. The entries are its own
   * until it ends, and it must wait for every call that it makes. The events of its changes are told after they are certain.
   */
  transact(
    name: string,
    work: (entries: StorageView<K, V>, note: Uint8Array | undefined) => Promise<Uint8Array | undefined>,
  ): Promise<void>;
}

/** The entries of a storage, without its life. */
export type StorageView<K, V> = Pick<
  Storage<K, V>,
  'get' | 'getAll' | 'keys' | 'size' | 'set' | 'setAll' | 'insert' | 'insertAll' | 'delete' | 'deleteAll' | 'clear'
>;

export function isTransactional<K, V>(storage: object): storage is TransactionalStorage<K, V> {
  return 'transact' in storage && typeof storage.transact === 'function';
}
