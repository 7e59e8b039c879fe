import { Violation } from '../../invariants/invariant.js';
import { checkLinearizable, mapModel } from '../../linearizability/index.js';
import type { Operator } from '../operator.js';
import type { Ending } from '../workload/calls.js';
import { keys } from '../workload/values.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';

const idle = 1000;
const pollEvery = 100;
/** How many idle times a healed grid may take until everyone is back: members are let in one after another. */
const settleWithin = 60;

/** After everything healed: one leader, equal logs and states, writes accepted everywhere, and what was promised readable. */
export async function checkGridRecovery(world: World, operator: Operator): Promise<void> {
  world.fabric.network.heal();
  for (const process of world.living) process.resume();
  for (const host of operator.hosts) operator.restart(host);
  await eventually(world, 'one leader and equal logs', settleWithin, () => unrest(world));
  for (const process of world.running) await checkServes(world, operator, process);
  await eventually(world, 'the last writes everywhere', settleWithin, () => unrest(world));
  for (const process of world.running)
    await Promise.all(keys.map((key) => answered(world, operator.maps.read(process, key), process, `read ${key}`)));
  for (const invariant of world.invariants) invariant.onEnd?.();
  const verdict = checkLinearizable(mapModel, operator.maps.history.operations);
  if (verdict.outcome === 'refuted') throw new Violation('linearizable map', verdict.message);
}

async function checkServes(world: World, { maps }: Operator, process: Process): Promise<void> {
  const write = () => maps.set(process, keys[0] ?? '', maps.values.next());
  await answered(world, write(), process, 'write');
}

/** A call that has to be carried out. */
async function answered(world: World, call: Promise<Ending>, process: Process, what: string): Promise<void> {
  let ending: Ending | undefined;
  void call.then((ended) => {
    ending = ended;
  });
  await eventually(world, `a ${what} at ${process.name}`, 10, () => (ending === undefined ? 'no answer' : undefined));
  if (ending !== 'acknowledged') throw new Violation('liveness', `a ${what} at ${process.name} was ${ending}`);
}

export async function eventually(
  world: World,
  what: string,
  idleTimes: number,
  missing: () => string | undefined,
): Promise<void> {
  const until = world.queue.now + idleTimes * idle;
  let reason = missing();
  while (reason !== undefined && world.queue.now < until) {
    await world.runFor(pollEvery);
    reason = missing();
  }
  if (reason !== undefined) throw new Violation('liveness', `${what}: ${reason} after ${idleTimes} idle times`);
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
