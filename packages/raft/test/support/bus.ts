import type { Clock, Transport, TransportLocal, TransportReceiver } from '../../src/index.js';

/** A bus that hands every frame to everyone but its sender, whatever ids they have: as a broadcast medium does. */
export class Bus {
  readonly #taps = new Set<TransportReceiver>();

  constructor(
    private readonly clock: Clock,
    /** What to do with a frame; default: deliver it. */
    private readonly deliver: (frame: Uint8Array, hand: () => void) => void = (_frame, hand) => hand(),
  ) {}

  transport(): Transport {
    const taps = this.#taps;
    let own: TransportReceiver | undefined;
    return {
      peers: new Set(),
      open: async (_local: TransportLocal, receiver: TransportReceiver) => {
        own = receiver;
        taps.add(receiver);
      },
      send: (frame: Uint8Array) => {
        for (const tap of taps) {
          if (tap === own) continue;
          this.deliver(frame, () => {
            this.clock.setTimer(() => {
              if (taps.has(tap)) tap.frame(frame);
            }, 1);
          });
        }
        return true;
      },
      close: async () => {
        if (own) taps.delete(own);
      },
    };
  }
}
