import type { Operator } from '../operator.js';
import type { Client } from '../workload/client.js';
import type { World } from '../world/world.js';
import { eventually } from './eventually.js';

/** How many idle times a healed grid may take until everyone is back: members are let in one after another. */
const settleWithin = 60;

/** After everything healed: one leader, equal logs and states, writes accepted everywhere, and what was promised readable. */
export async function checkGridRecovery(world: World, operator: Operator, clients: readonly Client[]): Promise<void> {
  world.fabric.network.heal();
  for (const process of world.living) process.resume();
  for (const host of operator.hosts) operator.restart(host);
  await eventually(world, 'one leader and equal logs', settleWithin, () => unrest(world));
  for (const client of clients) {
    await client.settle?.(world);
    await eventually(world, 'the last changes everywhere', settleWithin, () => unrest(world));
  }
  for (const invariant of world.invariants) invariant.onEnd?.();
}

/** Why the grid is not at rest under one leader, with everyone in it and alike; undefined if it is. */
export function unrest(world: World): string | undefined {
  const [leader, ...others] = world.leaders;
  if (!leader?.core || others.length > 0) return `${world.leaders.length} leaders`;
  const { last, commitIndex } = leader.core.log;
  if (commitIndex < last.index) return `${leader.name} committed ${commitIndex} of ${last.index}`;
  for (const { name, core, hasJoined, gridId } of world.running) {
    if (gridId !== leader.gridId) return `${name} is in ${gridId ?? 'no grid'}`;
    if (!core || !hasJoined) return `${name} has not joined`;
    if (core.term !== leader.core.term) return `${name} is in term ${core.term}, ${leader.name} in ${leader.core.term}`;
    const { log } = core;
    if (log.last.index !== last.index || log.last.term !== last.term || log.appliedIndex !== last.index)
      return `${name} ends at ${log.last.index}/${log.last.term}, applied ${log.appliedIndex} of ${last.index}`;
  }
  return undefined;
}
