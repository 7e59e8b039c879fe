import type { MemberId } from '@hamok/raft';
import { Violation } from '../invariants/invariant.js';
import type { Cluster } from '../world/cluster.js';
import type { Member } from '../world/member.js';
import { eventually, leaderOf, settle } from './settle.js';

const healthyDiskLatency = 5;

/** After everything healed: one leader, equal logs and states, writes accepted, reads answered. */
export function checkRecovery(cluster: Cluster): void {
  cluster.network.heal();
  cluster.snapshotFailures = 0;
  for (const member of cluster.members.values()) {
    member.disk.maxLatency = Math.min(member.disk.maxLatency, healthyDiskLatency);
    member.resume();
  }
  for (const member of cluster.members.values()) if (member.status === 'down') member.restart();
  settle(cluster, 'one leader and equal logs');
  // First, for a leader may have committed nothing but the entry with which its term began.
  checkReads(cluster);
  checkWrites(cluster);
  checkTransfer(cluster);
  checkUndisturbed(cluster);
  checkStepsDown(cluster);
  checkAnswers(cluster);
}

/** Every read that was asked of a leader, or where there was none, was answered, be it by a refusal. */
function checkAnswers(cluster: Cluster): void {
  for (const [context, { member, life }] of cluster.localReads) {
    if (member.lives && member.life === life)
      throw new Violation('liveness', `read #${context} was never answered by ${member.id}`);
  }
}

function checkWrites(cluster: Cluster): void {
  const data = cluster.newCommand();
  const { electionTimeoutInMs, followerMaxIdleInMs } = cluster.plan.timing;
  // A transfer that was under way is given up after an election timeout.
  eventually(cluster, 'a write is accepted', 2 + electionTimeoutInMs / followerMaxIdleInMs, () => {
    let outcome: number | string = 'no leader';
    leaderOf(cluster)?.act((core, now) => {
      outcome = core.propose(data, now);
    });
    return typeof outcome === 'number' ? undefined : outcome;
  });
  settle(cluster, 'a write on every member');
}

function checkReads(cluster: Cluster): void {
  const voters = leaderOf(cluster)?.core.configuration.voters ?? [];
  for (const member of livingOf(cluster, voters)) {
    let isAnswered = false;
    const ask = (): void => {
      // A refused read is to be asked again.
      cluster.read(member, (_, index) => {
        if (index === undefined) cluster.queue.after(1, ask);
        else isAnswered = true;
      });
    };
    // The answer is lost where the leader changes on its way, as after a handing over that was asked for before: drivers ask again.
    const repeat = (): void => {
      if (isAnswered) return;
      ask();
      cluster.queue.after(cluster.plan.timing.followerMaxIdleInMs, repeat);
    };
    repeat();
    eventually(cluster, `a read at ${member.id}`, 3, () => (isAnswered ? undefined : 'no answer'));
  }
}

/** Whoever does not hear the leader disturbs nobody, neither while it asks for votes nor when it is back (thesis §9.6, §6.2). */
function checkUndisturbed(cluster: Cluster): void {
  const leader = leaderOf(cluster);
  const follower = livingOf(cluster, leader?.core.configuration.voters ?? []).find((member) => member !== leader);
  if (!leader || !follower || !isMajorityWithout(cluster, follower)) return;
  const { followerMaxIdleInMs } = cluster.plan.timing;
  const { term } = leader.core;
  const toOthers = cluster.living.filter((member) => member !== follower);
  const check = (what: string): void => {
    cluster.runUntil(cluster.queue.now + 4 * followerMaxIdleInMs);
    if (leaderOf(cluster) !== leader || leader.core.term !== term)
      throw new Violation('no disturbance', `${follower.id} ${what}, and ${leader.id} of term ${term} leads no more`);
  };
  cluster.note(() => `to check who it disturbs, ${follower.id} hears ${leader.id} no more`);
  cluster.network.cut(leader.id, follower.id);
  check('did not hear the leader');
  cluster.note(() => `${follower.id} is cut off from everybody`);
  for (const { id } of toOthers) {
    cluster.network.cut(follower.id, id);
    cluster.network.cut(id, follower.id);
  }
  check('was cut off');
  cluster.note(() => `${follower.id} is connected again`);
  cluster.network.mendAll();
  check('came back');
}

/** A leader hands over to whom it is asked to (thesis §3.10). */
function checkTransfer(cluster: Cluster): void {
  const leader = leaderOf(cluster);
  const voters = livingOf(cluster, leader?.core.configuration.voters ?? []);
  const successor = voters.find((member) => member !== leader && !member.isPassive);
  if (!leader || !successor) return;
  const { term } = leader.core;
  // It lacks an entry when the leader is asked.
  leader.act((core, now) => core.propose(cluster.newCommand(), now));
  cluster.handOver(leader, successor.id);
  eventually(cluster, `${leader.id} hands over to ${successor.id}`, 1, () =>
    successor.core.role === 'leader' && successor.core.term === term + 1 ? undefined : `${leaderOf(cluster)?.id} leads`,
  );
  settle(cluster, 'equal logs after the leader handed over');
}

/** A leader that reaches no other voter stops believing that it leads, whoever else it reaches (thesis §6.2). */
function checkStepsDown(cluster: Cluster): void {
  const leader = leaderOf(cluster);
  if (!leader || livingOf(cluster, leader.core.configuration.voters).length < 2) return;
  cluster.note(() => `to check that it leads no more, ${leader.id} is cut off from all other voters`);
  for (const id of leader.core.configuration.voters) {
    cluster.network.cut(leader.id, id);
    cluster.network.cut(id, leader.id);
  }
  cluster.runUntil(cluster.queue.now + 3 * cluster.plan.timing.followerMaxIdleInMs);
  if (leader.core.role === 'leader')
    throw new Violation('check-quorum', `${leader.id} still leads term ${leader.core.term}, though cut off`);
  cluster.network.mendAll();
  settle(cluster, 'a leader after the last was cut off');
}

function isMajorityWithout(cluster: Cluster, { id }: Member): boolean {
  const voters = leaderOf(cluster)?.core.configuration.voters ?? [];
  return (
    2 *
      livingOf(
        cluster,
        voters.filter((voter) => voter !== id),
      ).length >
    voters.length
  );
}

function livingOf(cluster: Cluster, ids: readonly MemberId[]): Member[] {
  return ids.flatMap((id) => cluster.members.get(id) ?? []).filter(({ lives }) => lives);
}
