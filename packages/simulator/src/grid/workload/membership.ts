import { idOf } from '@hamok/raft';
import type { SeededRandom } from '../../random.js';
import { survives } from '../faults/crashes.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { follow } from './calls.js';

const fewestVoters = 3;

/** An operator asks who leads for another leader, to let a process in, or to remove a member: that runs on, and comes back as another. */
export function askForChange(world: World, random: SeededRandom): void {
  const leader = random.pick(world.leaders);
  const voters = leader?.core?.configuration.voters ?? [];
  const process = random.pick(world.running.filter(({ member }) => member !== undefined && voters.includes(member)));
  if (!leader || !process) return;
  const change = random.pick(['transfer', 'remove', 'add'] as const) ?? 'add';
  if (change === 'remove') return dismiss(world, leader, process);
  const { peerId } = change === 'add' ? (random.pick(world.running) ?? process) : process;
  leader.act(() => void follow(leader, `${change}(${peerId})`, ask(leader, change, peerId)));
}

/** Who leads is asked to remove a member, where enough of the others are left. */
export function dismiss(world: World, leader: Process, process: Process): void {
  const { peerId } = process;
  const { voters = [], learners = [] } = leader.core?.configuration ?? {};
  if (voters.length <= fewestVoters || !survives(world, process)) return;
  for (const member of [...voters, ...learners]) if (idOf(member) === peerId) world.dismissed.add(member);
  leader.act(() => void follow(leader, `remove(${peerId})`, ask(leader, 'remove', peerId)));
}

async function ask({ hamok: { raft } }: Process, change: 'transfer' | 'remove' | 'add', id: string): Promise<void> {
  if (change === 'transfer') await raft?.transferLeadership(id);
  else if (change === 'remove') await raft?.removeMember(id);
  else await raft?.addMember(id);
}
