import { milliseconds } from '../display/numbers.js';
import type { FailoverFigures } from '../outcome.js';
import type { MemberProcess } from '../process/member-process.js';
import type { Stage } from '../stage.js';

export async function failOver(stage: Stage, victim: MemberProcess): Promise<FailoverFigures> {
  const { cluster } = stage;
  stage.begin('Kill the leader (SIGKILL)');
  const begin = performance.now();
  victim.kill();
  const elapsed = (): number => performance.now() - begin;
  const survivors = cluster.living;
  const follows = ({ leaderId }: MemberProcess): boolean => leaderId !== undefined && leaderId !== victim.id;
  const [newLeaderInMs, firstWriteInMs] = await Promise.all([
    cluster.until(() => survivors.some(follows)).then(elapsed),
    cluster.until(() => survivors.some((member) => follows(member) && member.writtenUnderLeader > 0)).then(elapsed),
  ]);
  const leader = await cluster.until(() => cluster.leader);
  const times = `${milliseconds(newLeaderInMs)}, first write after ${milliseconds(firstWriteInMs)}`;
  stage.done(`${leader.id} leads after ${times}`);
  return { newLeaderInMs, firstWriteInMs };
}
