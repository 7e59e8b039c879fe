import type { Transport, TransportReceiver } from '../transport.js';

const PATIENCE_MS = 10_000;

export const check = (holds: boolean, statement: string): void => {
  if (!holds) throw new Error(`Not so: ${statement}`);
};

export const checkRejects = async (promise: Promise<unknown>, statement: string): Promise<void> => {
  const outcome = await promise.then(
    () => 'resolved',
    () => 'rejected',
  );
  check(outcome === 'rejected', statement);
};

/** One member under test: notes what its transport tells it, and whether it was told at a forbidden moment. */
export class Probe implements TransportReceiver {
  readonly frames: Uint8Array[] = [];
  readonly events: string[] = [];
  readonly transport: Transport;
  #inside = false;
  #reentered = false;
  #closed = false;
  #calledAfterClose = false;
  readonly #waiting = new Set<() => void>();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  open(id: string, gridName: string): Promise<void> {
    return this.#call(() => this.transport.open({ id, gridName }, this));
  }

  send(frame: Uint8Array, to?: string): boolean {
    return this.#call(() => this.transport.send(frame, to));
  }

  close(): Promise<void> {
    return this.#call(() => {
      this.#closed = true;
      return this.transport.close();
    });
  }

  /** @throws where a callback came from within a call, or after `close`. */
  verify(): void {
    check(!this.#reentered, 'callbacks are never made from within open, send or close');
    check(!this.#calledAfterClose, 'no callback comes after close was called');
  }

  frame(frame: Uint8Array): void {
    this.frames.push(new Uint8Array(frame));
    this.#note();
  }

  connected(peerId: string): void {
    check(this.transport.peers.has(peerId), 'peers holds who is connected');
    this.events.push(`+${peerId}`);
    this.#note();
  }

  disconnected(peerId: string): void {
    check(!this.transport.peers.has(peerId), 'peers does not hold who is disconnected');
    this.events.push(`-${peerId}`);
    this.#note();
  }

  error(): void {
    this.#note();
  }

  until(statement: string, condition: (probe: this) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`Waited in vain until ${statement}`));
      }, PATIENCE_MS);
      const look = () => {
        if (!condition(this)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #call<T>(call: () => T): T {
    this.#inside = true;
    try {
      return call();
    } finally {
      this.#inside = false;
    }
  }

  #note(): void {
    this.#reentered ||= this.#inside;
    this.#calledAfterClose ||= this.#closed;
    for (const look of [...this.#waiting]) look();
  }
}
