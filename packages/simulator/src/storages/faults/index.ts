import { burst } from './burst.js';
import { crash } from './crashes.js';
import { delicateMoment } from './delicate-moment.js';
import { deafness, partition, proposals } from './messages.js';
import { minority } from './minority.js';
import { join, snapshot } from './newcomers.js';
import { lag, stop } from './pauses.js';
import { removed, returned } from './removals.js';
import { reopening } from './reopening.js';
import type { StorageFault } from './storage-fault.js';

export const storageFaults: readonly StorageFault[] = [
  crash,
  delicateMoment,
  removed,
  returned,
  stop,
  lag,
  proposals,
  partition,
  deafness,
  minority,
  join,
  snapshot,
  reopening,
  burst,
];
