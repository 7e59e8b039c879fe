import type { MapContent } from './content.js';
import type { Ledger } from './ledger.js';

/** What a member holds. */
export interface MemberContent {
  readonly id: string;
  readonly maps: readonly MapContent[];
}

/** What the members got wrong, a line each; empty when all is well. */
export function problemsOf(members: readonly MemberContent[], ledger: Ledger): string[] {
  return [...differences(members), ...members.flatMap((member) => lost(member, ledger))];
}

function differences([first, ...others]: readonly MemberContent[]): string[] {
  if (first === undefined) return ['there is no member to compare'];
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

function lost({ id, maps }: MemberContent, ledger: Ledger): string[] {
  const missing = ledger.missingFrom(maps);
  const [first] = missing;
  if (first === undefined) return [];
  return [`${missing.length} acknowledged writes are missing from ${id}, "${first.key}" of "${first.map}" among them`];
}
