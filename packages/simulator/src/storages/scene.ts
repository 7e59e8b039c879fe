import type { MemberId } from '@hamok/collections';
import type { StoragesWorld, Taker } from './storages-world.js';

/** How everything stands, for readers: a member a line, with what it knows of the participants, and the entries that it holds. */
export function sceneOf(world: StoragesWorld): string[] {
  const open = [...world.calls].filter(({ host }) => host.status !== 'dead');
  return [
    `  leader ${world.grid.leader}, log up to ${world.grid.log.length - 1}`,
    ...world.living.flatMap((taker) => [`  ${describeTaker(world, taker)}`, `    holds ${heldBy(taker)}`]),
    ...(open.length > 0 ? ['calls that have not ended'] : []),
    ...open.map(({ what, keys, begin }) => `  ${what} ${keys.join(' ')}, since ${begin.toFixed(1)}`),
  ];
}

/** Why not everything is in its place; undefined where it is. */
export function unrestOf(world: StoragesWorld): string | undefined {
  const takers = world.living.filter(({ storage }) => !storage.settled);
  if (takers.length > 0) return takers.map((taker) => describeTaker(world, taker)).join('; ');
  const [first] = world.calls;
  if (first) return `${first.what}, asked at ${first.begin.toFixed(1)}, has not ended`;
  return world.isSettled() ? undefined : 'members know different participants';
}

function describeTaker({ grid }: StoragesWorld, { host, storage }: Taker): string {
  const { epoch, memberIds } = storage.participants;
  const { held, backups, witnesses } = storage.stats;
  const status = [
    host.status,
    ...(grid.member(host.id).paused && host.status === 'running' ? ['lags'] : []),
    ...(host.removed ? ['removed'] : []),
    ...(storage.closed ? ['closed'] : []),
  ];
  const what = `${held} held, ${backups} backups, ${witnesses} witnesses`;
  return `${host.id} ${status.join(', ')}, epoch ${epoch} of ${memberIds.join(' ')}, ${storage.settled ? 'settled' : 'NOT SETTLED'}: ${what}`;
}

function heldBy({ storage }: Taker): string {
  const entries = [...storage.localEntries()].map(([key, value]) => `${key}=[${value}]`);
  return entries.sort().join(' ') || 'nothing';
}

/** Notes in the trace who takes part, as each member learns it, and when all of a member is in its place. */
export class Epochs {
  readonly #known = new Map<MemberId, string>();

  constructor(private readonly world: StoragesWorld) {}

  look(): void {
    for (const { host, storage } of this.world.living) {
      const { epoch, memberIds } = storage.participants;
      const known = `epoch ${epoch}, in which ${memberIds.join(' ') || 'nobody'} take part${storage.settled ? ', SETTLED' : ''}`;
      if (this.#known.get(host.id) === known) continue;
      this.#known.set(host.id, known);
      this.world.note(() => `   ${host.id} knows ${known}`);
    }
  }
}
