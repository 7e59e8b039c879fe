import process from 'node:process';
import { type SimulationName, simulationNames } from './simulations.js';

/** Ends the program where the text is none. */
export function wholeNumber(name: string, text: string, least: number, usage: string): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
  return refuse(`--${name} ${text}: not a whole number from ${least}`, usage);
}

/** Ends the program where there is no simulation of that name. */
export function choice(text: string, usage: string): readonly SimulationName[] {
  if (text === 'all') return simulationNames;
  const chosen = simulationNames.filter((name) => name === text);
  return chosen.length > 0 ? chosen : refuse(`--what ${text}: not core, grid, storages or all`, usage);
}

/** Runs something, and ends the program with what it throws. */
export function orRefuse<T>(read: () => T, usage: string): T {
  try {
    return read();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : `${error}`, usage);
  }
}

export function refuse(message: string, usage: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}
