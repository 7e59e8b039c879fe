import type { Repair } from '../../faults/fault.js';
import type { SeededRandom } from '../../random.js';
import type { Operator } from '../operator.js';
import type { World } from '../world/world.js';

export type { Repair } from '../../faults/fault.js';
export { forGood } from '../../faults/fault.js';

/** One class of faults. */
export interface GridFault {
  readonly name: string;
  /** How often it is chosen, compared with others. Default: 1. */
  readonly weight?: number;
  /** Does the damage, and says how it is undone; undefined where there is nothing to damage now. */
  inject(world: World, random: SeededRandom, operator: Operator): Repair | undefined;
}
