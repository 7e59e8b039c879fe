import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';

/** Programs that use one collection, and what they were told. */
export interface Client {
  /** How often it calls, compared with the others. */
  readonly weight: number;
  /** Something at random. Never rejects. */
  call(process: Process, random: SeededRandom): Promise<unknown>;
  /** The grid is at rest again: what has to hold now. Throws a `Violation`. */
  settle?(world: World): Promise<void>;
}
