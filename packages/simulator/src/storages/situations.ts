import { SituationSpace } from '../coverage/situations.js';
import type { StoragesWorld, Taker } from './storages-world.js';

const runs = ['running', 'behind the log', 'standing still'];
const members = ['', 'removed'];
const epochs = ['newest epoch', 'older epoch', 'taking no part'];
const places = ['settled', 'not settled'];
const holdings = ['holding nothing', 'holding'];
const copies = ['no copies', 'backups', 'witnesses', 'backups and witnesses'];

/** Of a member that shares a storage: whether it runs and follows the log, whether it knows the newest participants, and what it has. */
export const storageSituations = new SituationSpace(
  [runs, members, epochs, places, holdings, copies],
  ([, , epoch, place, holding, copy]) =>
    epoch !== 'taking no part' || (place === 'not settled' && holding === 'holding nothing' && copy === 'no copies'),
);

/** The situations of members that live, at one time. */
export function storageSituationsOf({ living, grid }: StoragesWorld): number[] {
  const known = living.map(({ storage }) => storage.participants.epoch);
  const newest = Math.max(...known);
  return living.map((taker, at) => situationOf(taker, grid.member(taker.host.id).paused, known[at] ?? -1, newest));
}

function situationOf({ host, storage }: Taker, isPaused: boolean, epoch: number, newest: number): number {
  const { held, backups, witnesses } = storage.stats;
  return storageSituations.codeOf([
    host.status === 'stopped' ? 2 : isPaused ? 1 : 0,
    host.removed ? 1 : 0,
    epoch < 0 ? 2 : epoch < newest ? 1 : 0,
    storage.settled ? 0 : 1,
    held > 0 ? 1 : 0,
    (backups > 0 ? 1 : 0) + (witnesses > 0 ? 2 : 0),
  ]);
}
