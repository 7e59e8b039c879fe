import type { Overrides } from '../overrides.js';

const never = Number.POSITIVE_INFINITY;
const fewestMembers = 2;

/** Ways to make a plan simpler, one at a time: a class of faults or a workload less, a member less, a calmer network, a faster disk. */
export function simplifications(plan: object): Overrides[] {
  const simpler: Overrides[] = [];
  for (const [name, value] of Object.entries(plan)) {
    if (name === 'faults' && Array.isArray(value)) {
      for (const fault of value) simpler.push({ faults: value.filter((other) => other !== fault) });
    } else if ((name === 'voters' || name === 'members') && value > fewestMembers) {
      if (!isApart(plan)) simpler.push({ [name]: value - 1, ...expectedOf(plan, value - 1) });
    } else if (name === 'noise') {
      for (const part of noiseParts) if (value[part] > 0) simpler.push({ noise: { [part]: 0 } });
    } else if (isNeverWhereCalm(name) && Number(value) < never) {
      simpler.push({ [name]: never });
    } else if (dispensable.has(name) && value > 0) {
      simpler.push({ [name]: 0 });
    }
  }
  return simpler;
}

/** Where members make two grids, few of them may make none. */
function isApart(plan: object): boolean {
  return 'apart' in plan && plan.apart === true;
}

/** A grid that waits for more members than there are never begins, which is another failure. */
function expectedOf(plan: object, members: number): Overrides {
  return 'expected' in plan ? { expected: Math.min(Number(plan.expected), members) } : {};
}

function isNeverWhereCalm(name: string): boolean {
  return (name.endsWith('Every') && name !== 'faultEvery') || name === 'snapshotPiece';
}

const noiseParts = ['loss', 'duplication', 'straggling'];
const dispensable = new Set([
  'startWithin',
  'maxDiskLatency',
  'oversize',
  'passive',
  'guests',
  'snapshotFailures',
  'removeDeadAfter',
]);
