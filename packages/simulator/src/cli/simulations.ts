import { Collections } from '@hamok/collections';
import { RaftCore } from '@hamok/raft';
import { simulateGrid } from '../grid/index.js';
import type { Overrides } from '../overrides.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulation.js';
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

export type SimulationName = keyof typeof simulations;

export const simulationNames: readonly SimulationName[] = ['core', 'grid', 'storages'];
