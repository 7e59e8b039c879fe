import type { MemberId } from '@hamok/collections';
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
    onLostUnnamed(id, gone, world) {
      const { history, plan, rests, participations } = world;
      const known = world.knownTo(id);
      const possible = participations.goneBy(known, plan.backups, id).map((ids) => ids.map(nameOf));
      const isWhole = possible.some((names) => names.every((one) => gone.includes(one)));
      if (!isWhole || !gone.every((one) => possible.some((names) => names.includes(one))))
        throw new Violation(
          name,
          `${id} reports that ${gone} may have had all copies, of ${possible.slice(-3).join(' or ') || 'nobody'}`,
        );
      const incident = `${[...gone].sort()} ${participations.lastEndBy(known)} ${rests}`;
      if (!told.has(incident)) history.reportedUnnamed();
      told.add(incident);
    },
  };
}

/** As which it is told: the part of the id that stays when a process takes its place. */
function nameOf(id: MemberId): string {
  return id.slice(0, id.indexOf('@'));
}
