import { HamokMessage } from '@hamok/messages';
import type { Transport, TransportReceiver } from '@hamok/transport';

/** A transport that sends only what passes, and whose receiver a test gets hold of, to let frames arrive there. */
export function watchedTransport(
  transport: Transport,
  opened: (receiver: TransportReceiver) => void,
  passes: (message: HamokMessage, frame: Uint8Array) => boolean,
): Transport {
  return {
    peers: transport.peers,
    open: (local, receiver) => {
      opened(receiver);
      return transport.open(local, receiver);
    },
    send: (frame, to) => (passes(HamokMessage.fromBinary(frame), frame) ? transport.send(frame, to) : true),
    close: () => transport.close(),
  };
}
