import type { MemoryTransport } from './memory-transport.js';
import type { ResolvedFaults } from './options.js';

/** One direction between two members. */
export class Link {
  queuedFrames = 0;
  queuedBytes = 0;
  /** A partition lies on it: frames vanish, and neither end is told. */
  blocked = false;
  /** It was torn down with both ends knowing; what is under way on it is lost. */
  cut = false;

  constructor(
    readonly from: MemoryTransport,
    readonly to: MemoryTransport,
    public faults: ResolvedFaults,
  ) {}
}
