import type { Transport } from '@hamok/transport';
import type { Clock } from '../../src/index.js';

/** A transport whose frames follow one another to each peer at the pace of a link. */
export function slowTransport(transport: Transport, clock: Clock, bytesPerMs: number): Transport {
  const freeAt = new Map<string | undefined, number>();
  return {
    peers: transport.peers,
    open: (local, receiver) => transport.open(local, receiver),
    close: () => transport.close(),
    send: (frame, to) => {
      const at = Math.max(freeAt.get(to) ?? 0, clock.now()) + frame.byteLength / bytesPerMs;
      freeAt.set(to, at);
      clock.setTimer(() => transport.send(frame, to), at - clock.now());
      return true;
    },
  };
}
