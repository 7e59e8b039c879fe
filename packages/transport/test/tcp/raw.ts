import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { decodeHandshake, encodeHello, encodeProof, type HandshakeMessage } from '../../src/tcp/handshake.js';

/** The other end played by hand: sends what it likes and notes what comes back. */
export class RawPeer {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #bytes: Uint8Array = new Uint8Array();
  #look: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve());
    });
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#look();
    });
    onTestFinished(() => {
      socket.destroy();
    });
  }

  static async dial({ host, port }: { host: string; port: number }): Promise<RawPeer> {
    const socket = connect({ host, port });
    const peer = new RawPeer(socket);
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    return peer;
  }

  frame(bytes: Uint8Array): void {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(bytes.length);
    this.socket.write(Buffer.concat([header, bytes]));
  }

  hello(id: string, instance: string, gridName = 'test', secured = false): void {
    this.frame(encodeHello({ gridName, id, instance }, secured));
  }

  /** Resolves with the next whole frame that came. */
  next(): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#look = () => {
        const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
        if (view.byteLength < 4 || view.byteLength < 4 + view.getUint32(0)) return;
        const end = 4 + view.getUint32(0);
        this.#look = () => {};
        const frame = this.#bytes.slice(4, end);
        this.#bytes = this.#bytes.subarray(end);
        resolve(frame);
      };
      this.#look();
    });
  }

  async nextMessage(): Promise<HandshakeMessage | undefined> {
    return decodeHandshake(await this.next());
  }

  /** Becomes an established member without a secret. */
  async join(id: string, instance: string): Promise<this> {
    this.hello(id, instance);
    await this.nextMessage();
    this.frame(encodeProof('proof', new Uint8Array()));
    await this.nextMessage();
    return this;
  }
}

/** A server of which the test decides what it does with its connections. */
export const rawServer = async (
  accept: (peer: RawPeer) => void,
): Promise<{ host: string; port: number; server: Server }> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => accept(new RawPeer(socket)));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: address.port, server };
};
