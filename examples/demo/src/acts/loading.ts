import { whole } from '../display/numbers.js';
import { languages, share } from '../languages.js';
import type { MemberProcess } from '../process/member-process.js';
import type { Stage } from '../stage.js';

const keys = [...languages.keys()];

/** Every member loads its part. Ends in the midst of it, with the leader of that moment. */
export async function loadUnderLeader(stage: Stage): Promise<MemberProcess> {
  const { cluster } = stage;
  const { members } = cluster;
  stage.begin(`Load ${whole(keys.length)} languages`, () => loaded(stage) / keys.length);
  for (const [part, member] of members.entries()) {
    member.send({ type: 'load', keys: share(keys, part, members.length) });
  }
  const third = keys.length / members.length;
  const leader = await cluster.until(() => loaded(stage) >= third && cluster.leader);
  stage.done(`${whole(loaded(stage))} acknowledged so far`);
  return leader;
}

/** Shares what the dead member had not been acknowledged among the others. Returns how much that was. */
export async function loadTheRest(stage: Stage, victim: MemberProcess): Promise<number> {
  const { members, living, ledger } = stage.cluster;
  stage.begin('Load the rest', () => loaded(stage) / keys.length);
  await stage.cluster.until(() => victim.ended);
  const part = share(keys, members.indexOf(victim), members.length);
  const left = part.filter((key) => !ledger.has('languages', key));
  for (const [position, member] of living.entries()) {
    member.send({ type: 'load', keys: share(left, position, living.length) });
  }
  await stage.cluster.until(() => loaded(stage) === keys.length);
  stage.done(`${whole(loaded(stage))} in all, ${whole(left.length)} of them left over by ${victim.id}`);
  return left.length;
}

function loaded({ cluster }: Stage): number {
  return cluster.ledger.count('languages');
}
