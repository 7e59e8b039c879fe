export type { StoragesPlan } from './plan.js';
export type { StoragesSimulationOptions } from './simulate-storages.js';
export { simulateStorages } from './simulate-storages.js';
export type { StoragesProduct } from './storages-world.js';
