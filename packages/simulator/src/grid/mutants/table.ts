import { emitterMutants } from './emitters.js';
import { mapMutants } from './maps.js';
import { memberMutants } from './members.js';
import type { ProductMutant } from './product-mutant.js';
import { queueMutants } from './queues.js';
import { remoteMapMutants } from './remote-maps.js';
import { sessionMutants } from './sessions.js';
import { snapshotMutants } from './snapshots.js';
import { toldMutants } from './told.js';

/** The bugs that only whole members show: in nodes, sessions and collections. */
export const productMutants: readonly ProductMutant[] = [
  ...memberMutants,
  ...toldMutants,
  ...sessionMutants,
  ...mapMutants,
  ...remoteMapMutants,
  ...queueMutants,
  ...emitterMutants,
  ...snapshotMutants,
];
