import { Collections } from '@hamok/collections';
import { RaftCore } from '@hamok/raft';
import { allFaults } from '../faults/schedule.js';
import { gridFaults } from '../grid/faults/schedule.js';
import { simulateGrid } from '../grid/index.js';
import { gridPlanOf } from '../grid/plan.js';
import { type Overrides, withOverrides } from '../overrides.js';
import { planOf } from '../plan.js';
import { SeededRandom } from '../random.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulation.js';
import { storageFaults } from '../storages/faults/index.js';
import { storagesPlanOf } from '../storages/plan.js';
import { simulateStorages } from '../storages/simulate-storages.js';
import type { TraceSink } from '../world/trace.js';

export interface RunOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. */
  readonly ticks: number;
  readonly overrides?: Overrides | undefined;
  readonly trace?: TraceSink | undefined;
}

/** What can be simulated, by name: Raft cores alone, whole members of a grid, and storages whose entries live on the members. */
export const simulations = {
  core: (options: RunOptions): Promise<SimulationResult> =>
    Promise.resolve(simulate({ ...options, createCore: (of) => new RaftCore(of) })),
  grid: (options: RunOptions): Promise<SimulationResult> => simulateGrid(options),
  storages: ({ ticks: ms, ...options }: RunOptions): Promise<SimulationResult> =>
    simulateStorages({ ...options, ms, product: { Collections } }),
};

/** What a seed of each draws, and which faults it can draw. */
const plans = { core: planOf, grid: gridPlanOf, storages: storagesPlanOf };
const faultsOf = { core: allFaults, grid: gridFaults, storages: storageFaults };

/** Throws a RangeError for overrides that the plans of a simulation have no place for. */
export function checkOverrides(what: SimulationName, overrides: Overrides): void {
  const plan = withOverrides<object>(plans[what](new SeededRandom(1)), overrides);
  for (const name of ['voters', 'members'])
    if (name in overrides && !(Number.isSafeInteger(overrides[name]) && Number(overrides[name]) > 0))
      throw new RangeError(`${name} of the plan is a whole number from 1`);
  const known = faultsOf[what].map(({ name }) => name);
  for (const fault of 'faults' in plan && Array.isArray(plan.faults) ? plan.faults : [])
    if (!known.includes(fault))
      throw new RangeError(`no class of faults of ${what} is called ${fault}: there are ${known.join('; ')}`);
}

export type SimulationName = keyof typeof simulations;

export const simulationNames: readonly SimulationName[] = ['core', 'grid', 'storages'];
