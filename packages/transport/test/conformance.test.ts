import type { Transport } from '@hamok/transport';
import { MemoryNetwork } from '@hamok/transport/memory';
import { type TcpOptions, type TcpTransport, tcp } from '@hamok/transport/tcp';
import { transportConformance } from '@hamok/transport/testing';
import { describe, it } from 'vitest';
import { certificates } from './tcp/certificates.js';

const maxFrameBytes = 1024 * 1024;

transportConformance(
  'memory',
  () => {
    const network = new MemoryNetwork({ maxFrameBytes, overwriteDelivered: true });
    return { transport: () => network.transport(), maxFrameBytes };
  },
  { describe, it },
);

/** Every member dials every other, so that each pair has crossing connections to settle. */
const tcpHarness = (options: TcpOptions) => () => {
  const unopened = new Map<Transport, TcpTransport>();
  const open: TcpTransport[] = [];
  return {
    maxFrameBytes,
    transport: () => {
      const transport = tcp({ ...options, maxFrameBytes, reconnectMinInMs: 1 });
      unopened.set(transport, transport);
      return transport;
    },
    opened: (opened: Transport) => {
      const transport = unopened.get(opened);
      if (transport?.address === undefined) return;
      for (const other of open) {
        if (other.address === undefined) continue;
        other.addPeer(transport.address);
        transport.addPeer(other.address);
      }
      open.push(transport);
    },
  };
};

transportConformance('tcp', tcpHarness({}), { describe, it });
transportConformance('tcp with a secret', tcpHarness({ secret: 'open sesame' }), { describe, it });
transportConformance('tcp with TLS', tcpHarness({ tls: { ...certificates.member, ca: certificates.ca } }), {
  describe,
  it,
});
