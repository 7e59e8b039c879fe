import { RaftCore } from '@hamok/raft';
import { simulateGrid } from '../grid/index.js';
import type { Overrides } from '../overrides.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulation.js';

export interface RunOptions {
  readonly seed: number;
  /** How long the faults last, in ms of virtual time. */
  readonly ticks: number;
  readonly overrides?: Overrides | undefined;
  readonly trace?: ((line: string) => void) | undefined;
}

/** What can be simulated, by name: Raft cores alone, and whole members of a grid. */
export const simulations = {
  core: (options: RunOptions): Promise<SimulationResult> =>
    Promise.resolve(simulate({ ...options, createCore: (of) => new RaftCore(of) })),
  grid: (options: RunOptions): Promise<SimulationResult> => simulateGrid(options),
};

export type SimulationName = keyof typeof simulations;

export const simulationNames: readonly SimulationName[] = ['core', 'grid'];
