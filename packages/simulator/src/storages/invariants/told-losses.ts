import { Violation } from '../../invariants/invariant.js';
import type { StorageInvariant } from './storage-invariant.js';

export const lossesAreTold = 'losses are told, and only they';

/**
 * A loss is reported, by the key, or, where those have gone as well who knew that, by who they were; and nothing is reported that is not
 * lost. The history takes a report for a deletion: what is gone without one is found missing by the next read. Who goes on as if it had not
 * been removed may tell the same again: what was acknowledged since is not lost by that.
 */
export function toldLosses(): StorageInvariant {
  const name = lossesAreTold;
  const told = new Set<string>();
  return {
    name,
    source: 'STORAGES.md, Separated 7 (losses)',
    onLost(id, keys, { history, losses, plan, takers }) {
      // What one says that the log has removed is its own affair.
      if (!takers.some(({ host }) => host.id === id && !host.removed)) return;
      for (const key of keys) {
        // What was not acknowledged may be named as well.
        if (!losses.arePossible && !history.isUnacknowledged(key))
          throw new Violation(name, `${id} reports ${key}, and no more have gone than there are copies`);
        if (losses.arePossible) history.reported(key, plan.kind === 'separated');
      }
    },
    // Also by who was removed: it may be the last one that knew of those who had gone before.
    onLostUnnamed(id, gone, { history, plan, rests, participants, departures }) {
      const isPossible = departures >= Math.min(plan.backups + 2, participants);
      if (gone.length === 0 || gone.length > departures || !isPossible)
        throw new Violation(name, `${id} reports that ${gone} may have had all copies, of ${departures} that went`);
      const incident = `${[...gone].sort()} ${departures} ${rests}`;
      if (!told.has(incident)) history.reportedUnnamed();
      told.add(incident);
    },
  };
}
