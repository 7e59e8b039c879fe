import { allFaults } from './schedule.js';

/** Those that come with the network, the disks and the work. */
const ambientFaults = [
  'drop',
  'delay',
  'reorder',
  'duplicate',
  'lost unsynced tail',
  'oversize proposal',
  'snapshot in mid-traffic',
];

/** Every class that a run of cores counts. */
export const faultClasses: readonly string[] = [...allFaults.map(({ name }) => name), ...ambientFaults];
