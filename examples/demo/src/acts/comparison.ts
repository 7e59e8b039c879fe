import type { MemberFigures } from '../outcome.js';
import type { Stage } from '../stage.js';
import { problemsOf } from '../verdict.js';

export interface Comparison {
  readonly members: readonly MemberFigures[];
  readonly retries: number;
  readonly problems: readonly string[];
}

/** Compares what the members hold with each other, and with all that was acknowledged so far. */
export async function compare(stage: Stage): Promise<Comparison> {
  const { cluster } = stage;
  stage.begin('Compare all members');
  const leader = await cluster.until(() => cluster.leader);
  const { members } = cluster;
  const described = await cluster.unlessFailed(
    Promise.all(
      members.map(async (member) => ({ member, content: await member.ask({ type: 'describe' }, 'content') })),
    ),
  );
  const contents = described.map(({ member, content }) => ({ id: member.id, maps: content.maps }));
  const problems = problemsOf(contents, cluster.ledger);
  stage.done(problems.length === 0 ? 'same content, nothing lost' : 'not the same');
  return {
    problems,
    retries: described.reduce((sum, { content }) => sum + content.retries, 0),
    members: described.map(({ member, content }) => ({
      id: member.id,
      role: member === leader ? 'leader' : 'follower',
      maps: content.maps.map(({ id, size, hash }) => ({ id, size, hash })),
      insertsWatched: content.inserts,
    })),
  };
}
