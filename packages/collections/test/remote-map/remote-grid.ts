import type { Collections, HamokRemoteMap, HamokRemoteMapOptions } from '../../src/index.js';
import { TestDatabase } from '../../src/testing/index.js';
import { startGrid } from '../grid.js';

export const ids = ['a@1', 'b@1', 'c@1'] as const;

type Options = Partial<HamokRemoteMapOptions<string, number>>;

/** Members over one database, on a clock that stands still until it is advanced. */
export async function remoteGrid(
  count: number,
  { once = false, ...options }: Options & { readonly once?: boolean } = {},
  limits: Parameters<typeof startGrid>[1] = {},
) {
  const started = await startGrid(count, limits);
  const database = new TestDatabase<string, number>();
  const storageOf = (position: number) =>
    once ? database.transactionalClient(ids[position] ?? '') : database.client(ids[position] ?? '');
  const show = (member: Collections, position: number): HamokRemoteMap<string, number> =>
    member.createRemoteMap({ mapId: 'm', remoteMap: storageOf(position), requestTimeoutInMs: 1e6, ...options });
  const map = (position: number): HamokRemoteMap<string, number> =>
    (started.member(position).storages.get('m') as HamokRemoteMap<string, number> | undefined) ??
    show(started.member(position), position);
  const maps = started.members.map(show);
  await started.clock.advance(0);
  return { ...started, database, storageOf, map, maps };
}

/** What it emits, from now on. */
export function eventsOf(map: HamokRemoteMap<string, number>): unknown[][] {
  const events: unknown[][] = [];
  for (const event of ['insert', 'update', 'remove', 'clear'] as const)
    map.on(event, (...details: unknown[]) => events.push([event, ...details]));
  return events;
}
