import { type Configuration, idOf, type RaftCore, type RaftNode } from '@hamok/raft';
import { membersOf, Violation } from '../../invariants/invariant.js';
import type { SeededRandom } from '../../random.js';
import { survives } from '../faults/crashes.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { follow } from './calls.js';

const fewestVoters = 3;

type Change = 'transfer' | 'remove' | 'add';

/**
 * An operator asks who leads for another leader, to let a process in, or to remove a member: that runs on, and comes back as another. Or says that
 * one is gone.
 */
export function askForChange(world: World, random: SeededRandom): void {
  const leader = random.pick(world.leaders);
  const voters = leader?.core?.configuration.voters ?? [];
  const process = random.pick(world.running.filter(({ member }) => member !== undefined && voters.includes(member)));
  if (!leader || !process) return;
  const change = random.pick(['transfer', 'remove', 'add', 'hint'] as const) ?? 'add';
  if (change === 'remove') return dismiss(world, leader, process);
  if (change === 'hint') return hint(world, leader, process);
  const { peerId } = change === 'add' ? (random.pick(world.running) ?? process) : process;
  leader.act(() => void follow(leader, `${change}(${peerId})`, ask(leader, change, peerId)));
}

/** Who leads hears that a member is gone that runs: it may remove it only where it does not hear it itself. */
function hint(world: World, leader: Process, process: Process): void {
  const { peerId, member = '' } = process;
  if (!mayGo(world, leader, process)) return;
  leader.act(() => {
    const { core, clock, hamok } = leader;
    if (!core) return;
    const { lastHeardAt = Number.NEGATIVE_INFINITY } = core.progress.get(member) ?? {};
    if (clock.now() - lastHeardAt >= core.timing.followerMaxIdleInMs) world.dismissed.add(member);
    world.note(() => `${leader.name} hears that ${peerId} is gone`);
    hamok.raft?.removePeer(peerId);
  });
}

/** Whether enough of the others are left. */
function mayGo(world: World, { core }: Process, process: Process): boolean {
  const { voters = [] } = core?.configuration ?? {};
  const isVoter = process.member !== undefined && voters.includes(process.member);
  return (!isVoter || voters.length > fewestVoters) && survives(world, process);
}

/** Who leads is asked to remove a member. */
export function dismiss(world: World, leader: Process, process: Process): void {
  const { peerId } = process;
  if (!leader.core || !mayGo(world, leader, process)) return;
  for (const member of membersOf(leader.core.configuration)) if (idOf(member) === peerId) world.dismissed.add(member);
  leader.act(() => void follow(leader, `remove(${peerId})`, ask(leader, 'remove', peerId)));
}

/** What is asked of who leads is so when that is told. */
async function ask({ name, world, hamok: { raft } }: Process, change: Change, id: string): Promise<void> {
  if (!raft?.core) return;
  const isSo = { transfer: leadsElsewhere, remove: isRemoved, add: isVoter }[change](raft, raft.core, id);
  if (change === 'transfer') await raft.transferLeadership(id);
  else if (change === 'remove') await raft.removeMember(id);
  else await raft.addMember(id);
  if (!isSo()) world.violate(new Violation('a change is told when it is made', `${name} tells of ${change}(${id})`));
}

function leadsElsewhere(raft: RaftNode): () => boolean {
  let isSo = false;
  raft.on('leader-changed', (leader) => {
    isSo ||= leader !== undefined && leader !== raft.id;
  });
  return () => isSo;
}

/** Who removes itself leaves, and need not know its own removal. */
function isRemoved(raft: RaftNode, core: RaftCore, id: string): () => boolean {
  const member = membersOf(core.configuration).find((each) => idOf(each) === id);
  return () => id === raft.id || member === undefined || !membersOf(committed(core)).includes(member);
}

function isVoter(_: RaftNode, core: RaftCore, id: string): () => boolean {
  return () => committed(core).voters.some((voter) => idOf(voter) === id);
}

function committed({ log }: RaftCore): Configuration {
  return log.configurationAt(log.commitIndex);
}
