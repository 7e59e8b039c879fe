import {
  type Configuration,
  type ConfigurationChange,
  idOf,
  incarnationOf,
  type MemberId,
  memberId,
} from '@hamok/raft';
import type { SeededRandom } from '../random.js';
import type { Cluster } from '../world/cluster.js';
import type { Workload } from './workload.js';

/** An operator who removes the dead, brings new incarnations in as learners, promotes them, and at times removes the living. */
export function membership(every: number): Workload {
  return {
    every,
    run: changeMembers,
  };
}

/** Asks a leader for one change. */
export function changeMembers(cluster: Cluster, random: SeededRandom): void {
  const leader = random.pick(cluster.leaders);
  if (!leader) return;
  const change = wish(cluster, leader.core.configuration, random);
  if (!change) return;
  leader.act((core, now) => {
    const index = core.changeConfiguration(change, now);
    cluster.operations.add(`${change.type}: ${typeof index === 'number' ? 'begun' : index}`);
    if (typeof index !== 'number') cluster.refused({ reason: index, about: change.member }, leader);
    cluster.note(() => `${core.self} is to ${change.type} ${change.member}: ${index}`);
  });
}

function wish(cluster: Cluster, configuration: Configuration, random: SeededRandom): ConfigurationChange | undefined {
  const { voters, learners } = configuration;
  const members = [...voters, ...learners];
  if (random.chance(0.1)) return mistake(cluster, configuration, random);
  const dead = members.filter((member) => !cluster.members.get(member)?.lives);
  const toRemove = random.pick(dead);
  if (toRemove !== undefined) return { type: 'remove', member: toRemove };
  const learner = random.pick(learners);
  if (learner !== undefined && random.chance(cluster.plan.promotion)) return { type: 'promote', member: learner };
  if (members.length < cluster.plan.voters || random.chance(0.2)) return addition(cluster, members);
  const live = random.pick(members);
  return live !== undefined && random.chance(0.4) ? { type: 'remove', member: live } : undefined;
}

/** A member that waits outside, or a new incarnation of an id that has no place in the grid. */
function addition(cluster: Cluster, members: readonly MemberId[]): ConfigurationChange | undefined {
  const taken = new Set(members.map(idOf));
  const waiting = cluster.running.find(({ id, core }) => core.term === 0 && !taken.has(idOf(id)));
  if (waiting) return { type: 'add-learner', member: waiting.id };
  const id = [...'abcdefghij'].find((name) => !taken.has(name));
  return id === undefined ? undefined : { type: 'add-learner', member: cluster.spawn(id).id };
}

/** What has to be refused: another incarnation of a member beside it, a member added or promoted twice, a stranger removed. */
function mistake(
  cluster: Cluster,
  { voters, learners }: Configuration,
  random: SeededRandom,
): ConfigurationChange | undefined {
  const member = random.pick([...voters, ...learners]);
  const voter = random.pick(voters);
  if (member === undefined || voter === undefined) return undefined;
  const stranger = [...cluster.members.keys()].find((id) => !voters.includes(id) && !learners.includes(id));
  const mistakes: ConfigurationChange[] = [
    { type: 'add-learner', member: memberId(idOf(member), incarnationOf(member) + 1000) },
    { type: 'add-learner', member },
    { type: 'promote', member: voter },
    ...(stranger === undefined ? [] : [{ type: 'remove' as const, member: stranger }]),
  ];
  return random.pick(mistakes);
}
