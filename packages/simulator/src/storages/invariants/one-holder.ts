import type { MemberId } from '@hamok/collections';
import { Violation } from '../../invariants/invariant.js';
import type { StorageInvariant } from './storage-invariant.js';

/** No two members hold one key of a separated storage, but for one that the log has removed and that does not know. */
export function oneHolder(): StorageInvariant {
  const name = 'one holder a key';
  return {
    name,
    source: 'STORAGES.md, "Why one holder a key"',
    onStep({ plan, takers }) {
      if (plan.kind !== 'separated') return;
      const holders = new Map<string, MemberId>();
      for (const { host, storage } of takers) {
        if (host.status === 'dead' || host.removed || storage.closed) continue;
        for (const key of storage.localKeys()) {
          const other = holders.get(key);
          if (other !== undefined) throw new Violation(name, `${other} and ${host.id} hold ${key}`);
          holders.set(key, host.id);
        }
      }
    },
  };
}
