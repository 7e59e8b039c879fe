import type { MapContent } from './content.js';
import type { Ledger } from './ledger.js';

export interface Survivor {
  readonly id: string;
  readonly maps: readonly MapContent[];
}

/** What the survivors got wrong, a line each; empty when all is well. */
export function problemsOf(survivors: readonly Survivor[], ledger: Ledger): string[] {
  return [...differences(survivors), ...survivors.flatMap((survivor) => lost(survivor, ledger))];
}

function differences([first, ...others]: readonly Survivor[]): string[] {
  if (first === undefined) return ['nobody survived'];
  const problems: string[] = [];
  for (const other of others) {
    for (const id of new Set([...first.maps, ...other.maps].map((map) => map.id))) {
      const [mine, theirs] = [first, other].map(({ maps }) => maps.find((map) => map.id === id));
      if (mine !== undefined && mine.hash === theirs?.hash && mine.size === theirs.size) continue;
      problems.push(`the map "${id}" differs: ${describe(first.id, mine)}, ${describe(other.id, theirs)}`);
    }
  }
  return problems;
}

function describe(memberId: string, map: MapContent | undefined): string {
  return map === undefined ? `${memberId} has none` : `${memberId} holds ${map.size} entries, hash ${map.hash}`;
}

function lost({ id, maps }: Survivor, ledger: Ledger): string[] {
  const missing = ledger.missingFrom(maps);
  const [first] = missing;
  if (first === undefined) return [];
  return [`${missing.length} acknowledged writes are missing from ${id}, "${first.key}" of "${first.map}" among them`];
}
