export { gridFaultClasses } from './faults/classes.js';
export type { GridPlan } from './plan.js';
export type { Product } from './product.js';
export type { GridSimulationOptions } from './simulate-grid.js';
export { simulateGrid } from './simulate-grid.js';
