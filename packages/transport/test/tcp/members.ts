import { type TcpOptions, type TcpTransport, tcp } from '@hamok/transport/tcp';
import { onTestFinished } from 'vitest';
import { Recorder } from '../recorder.js';

export interface Member extends Recorder {
  readonly transport: TcpTransport;
}

/** An open TCP member, closed when the test is over. */
export const open = async (id: string, options: TcpOptions = {}, gridName = 'test'): Promise<Member> => {
  const transport = tcp({ reconnectMinInMs: 5, reconnectMaxInMs: 20, ...options });
  onTestFinished(() => transport.close());
  const recorder = await Recorder.open(transport, id, gridName);
  return Object.assign(recorder, { transport });
};

export const addressOf = ({ transport }: Member): { host: string; port: number } => {
  if (transport.address === undefined) throw new Error('not listening');
  return transport.address;
};

export const connected = async (one: Member, peerId: string): Promise<void> => {
  await one.until(() => one.transport.peers.has(peerId));
};
