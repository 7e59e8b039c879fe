import type { MemberId } from '@hamok/collections';
import { type Holdings, holdingsOf } from './holdings.js';
import type { StoragesWorld, Taker } from './storages-world.js';

const key =
  'epoch: where in the log it changed last who takes part; a backup has the value of an entry of another, a witness its key alone';

/** How everything stands, for readers: a member a line, with what it knows of the participants, and what it has of entries. */
export function sceneOf(world: StoragesWorld): string[] {
  const open = [...world.calls].filter(({ host }) => host.status !== 'dead');
  return [
    key,
    `  leader ${world.grid.leader}, log up to ${world.grid.log.length - 1}`,
    ...world.living.flatMap((taker) => [
      `  ${describeTaker(world, taker)}`,
      ...describeHoldings(holdingsOf(taker.storage)).map((line) => `    ${line}`),
    ]),
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

function describeHoldings({ held, copies }: Holdings): string[] {
  const entries = Array.from(held, ([entry, value]) => `${entry}=${value}`);
  const byHolder = new Map<string, string[]>();
  for (const { entry, holder, value } of copies)
    byHolder.set(holder, [
      ...(byHolder.get(holder) ?? []),
      value === undefined ? `${entry} as witness` : `${entry}=${value}`,
    ]);
  return [
    `holds ${entries.sort().join(', ') || 'nothing'}`,
    ...Array.from(byHolder, ([holder, kept]) => `keeps for ${holder}: ${kept.sort().join(', ')}`).sort(),
  ];
}

/** Notes in the trace who takes part, as each member learns it, and when all of a member is in its place. */
export class Epochs {
  readonly #known = new Map<MemberId, string>();

  constructor(private readonly world: StoragesWorld) {}

  look(): void {
    const news = new Map<string, MemberId[]>();
    for (const { host, storage } of this.world.living) {
      const { epoch, memberIds } = storage.participants;
      const known = epoch < 0 ? 'takes no part' : `epoch ${epoch}, of ${memberIds.join(' ')}`;
      const all = storage.settled ? `${known}, SETTLED` : known;
      if (this.#known.get(host.id) === all) continue;
      this.#known.set(host.id, all);
      news.set(all, [...(news.get(all) ?? []), host.id]);
    }
    for (const [known, ids] of news) this.world.note(() => `   ${ids.join(' ')}: ${known}`);
  }
}
