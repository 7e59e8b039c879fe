import type { MemberProcess } from '../process/member-process.js';
import type { Stage } from '../stage.js';

export async function formGrid(stage: Stage): Promise<void> {
  const { cluster } = stage;
  const { members } = cluster;
  stage.begin('Form a grid');
  const addresses = await cluster.until(() => addressesOf(members));
  for (const member of members) member.send({ type: 'connect', addresses });
  const leader = await cluster.until(() => members.every(({ joined }) => joined) && cluster.leader);
  stage.done(`${members.length} processes over loopback TCP, ${leader.id} leads`);
}

function addressesOf(members: readonly MemberProcess[]): readonly string[] | undefined {
  const addresses = members.flatMap(({ address }) => address ?? []);
  return addresses.length === members.length ? addresses : undefined;
}
