import type { Clock, RaftNode } from '../../src/index.js';
import { bytes } from './test-grid.js';

/** Keeps all disks and links busy until it is ended. */
export function load(clock: Clock, node: RaftNode, everyMs: number, command = bytes('x')): () => void {
  let cancel: () => void;
  const propose = (): void => {
    cancel = clock.setTimer(propose, everyMs);
    node.propose(command).catch(() => undefined);
  };
  propose();
  return () => cancel();
}
