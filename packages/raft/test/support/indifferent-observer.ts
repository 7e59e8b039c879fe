import type { ReplicaObserver } from '../../src/node/replica.js';

/** Of a replica that nobody but the test follows. It must not fail. */
export const indifferentObserver: ReplicaObserver = {
  stateChanged() {},
  configurationApplied() {},
  committed() {},
  heartbeat() {},
  exported() {},
  snapshotFailed() {},
  failed(error) {
    throw error;
  },
};
