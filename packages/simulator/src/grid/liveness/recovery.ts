import { majorityOf } from '../../invariants/invariant.js';
import { slowestClock } from '../faults/time.js';
import type { Operator } from '../operator.js';
import { describeCall } from '../workload/calls.js';
import type { Client } from '../workload/client.js';
import { leave } from '../workload/leaving.js';
import { served } from '../workload/served.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { eventually } from './eventually.js';

/** How many idle times a healed grid may take until everyone is back: members are let in one after another. */
const settleWithin = 60;
/** What is due comes with an entry of its own. */
const dueWithin = 3;
/** Some wait for the default time of requests, and as much longer as it takes to find a grid. */
const callsEndWithin = 30;
/** What was proposed in vain is proposed again after a pause, also where nobody waits for it any more (ms). */
const longestPause = 500;

/** After everything healed: one leader, equal logs and states, writes accepted everywhere, and what was promised readable. */
export async function checkGridRecovery(world: World, operator: Operator, clients: readonly Client[]): Promise<void> {
  world.fabric.heal();
  for (const process of world.living) process.resume();
  operator.setRight();
  await eventually(world, 'one leader and equal logs', settleWithin, () => unrest(world));
  await eventually(world, 'what is due', dueWithin, () => awaited(world));
  for (const leader of world.leaders) await leaveAndReturn(world, leader);
  // Whoever may have few under way is not to be refused what settles.
  await world.runFor(longestPause / slowestClock);
  await eventually(world, 'every call ends', callsEndWithin, () => waiting(world));
  for (const client of clients) {
    await client.settle?.(world);
    await eventually(world, 'the last changes everywhere', settleWithin, () => unrest(world));
  }
  await eventually(world, 'every call ends', callsEndWithin, () => waiting(world));
  for (const invariant of world.invariants) invariant.onEnd?.();
}

/** Who leads hands over, leaves, and comes back, where there are others, and all of them live: one that died may have come back to another grid. */
async function leaveAndReturn(world: World, leader: Process): Promise<void> {
  const { voters = [] } = leader.core?.configuration ?? {};
  const living = new Set(world.running.map(({ member }) => member));
  if (voters.length < 2 || !voters.every((voter) => living.has(voter))) return;
  await served(leader, 'leaving', leave(leader));
  world.remains(leader);
  leader.start();
  await eventually(world, 'everyone back', settleWithin, () => unrest(world));
}

/** Something that is to come by itself, and has not; undefined if there is nothing. */
function awaited({ running, invariants }: World): string | undefined {
  for (const process of running)
    for (const invariant of invariants) {
      const missing = invariant.awaited?.(process);
      if (missing !== undefined) return missing;
    }
  return undefined;
}

/** A call that still waits, though its process goes on, be it one of the collections; undefined if there is none. */
function waiting({ calls, running }: World): string | undefined {
  const open = [...calls].find(({ process }) => !process.isDead);
  if (open) return describeCall(open);
  for (const { name, hamok } of running) {
    const { pendingProposals = 0, pendingReads = 0 } = hamok.raft?.report() ?? {};
    if (pendingProposals + pendingReads > 0)
      return `${pendingProposals} proposals and ${pendingReads} reads at ${name}`;
  }
  return undefined;
}

/** Why not everyone is at rest in one grid, or in as many as there are to be; undefined if all are. */
export function unrest({ running, plan, departing }: World): string | undefined {
  const [leaving] = departing;
  if (leaving) return `${leaving.name} is about to leave`;
  const idle = running.find(({ hamok }) => !hamok.run);
  if (idle) return `${idle.name} does not take part`;
  const grids = new Map<string | undefined, Process[]>();
  for (const process of running) grids.set(process.gridId, [...(grids.get(process.gridId) ?? []), process]);
  const [lost] = grids.get(undefined) ?? [];
  if (lost) return `${lost.name} is in no grid`;
  if (grids.size > (plan.apart ? 2 : 1)) return `there are ${grids.size} grids`;
  for (const members of grids.values()) {
    const reason = unrestIn(members) ?? (plan.removeDeadAfter > 0 ? ghostIn(members) : undefined);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** A member that is gone for good, and is not removed, though enough voters would be left; undefined if there is none. */
function ghostIn(members: readonly Process[]): string | undefined {
  const living = new Set(members.map(({ member }) => member));
  const { voters = [], learners = [], mostVoters = voters.length } = members[0]?.core?.configuration ?? {};
  const spare = voters.length > majorityOf(mostVoters) ? voters : [];
  const ghost = [...spare, ...learners].find((member) => !living.has(member));
  return ghost && `${ghost} is gone, and a member`;
}

/** Why a grid is not at rest under one leader, with everyone in it and alike; undefined if it is. */
function unrestIn(members: readonly Process[]): string | undefined {
  const [leader, ...others] = members.filter(({ leads }) => leads);
  if (!leader?.core || others.length > 0) return `${others.length + (leader ? 1 : 0)} leaders`;
  const { last, commitIndex } = leader.core.log;
  if (commitIndex < last.index) return `${leader.name} committed ${commitIndex} of ${last.index}`;
  for (const { name, core, hasJoined } of members) {
    if (!core || !hasJoined) return `${name} has not joined`;
    if (core.term !== leader.core.term) return `${name} is in term ${core.term}, ${leader.name} in ${leader.core.term}`;
    const { log } = core;
    if (log.last.index !== last.index || log.last.term !== last.term || log.appliedIndex !== last.index)
      return `${name} ends at ${log.last.index}/${log.last.term}, applied ${log.appliedIndex} of ${last.index}`;
  }
  return undefined;
}
