import type { SeededRandom } from '../../random.js';
import type { StoragesWorld } from '../storages-world.js';

export interface StorageFault {
  readonly name: string;
  /** Does the damage; undefined where there is none to do now, else what undoes it, and when. */
  inject(world: StoragesWorld, random: SeededRandom): { readonly after: number; run(): void } | undefined;
}
