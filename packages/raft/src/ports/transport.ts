/** Who opens a transport. */
export interface TransportLocal {
  readonly id: string;
  /** Members of differently named grids do not connect. */
  readonly gridName: string;
}

/** Where a transport delivers. Callbacks are never made from within `open`, `send` or `close`. */
export interface TransportReceiver {
  /** A whole frame. The bytes may be a view into a buffer that the transport reuses: copy what is kept beyond the call. */
  frame(frame: Uint8Array): void;
  connected(peerId: string): void;
  disconnected(peerId: string): void;
  error(error: Error): void;
}

/** Moves frames between members: keeps their borders, may lose, delay, duplicate and reorder them. */
export interface Transport {
  open(local: TransportLocal, receiver: TransportReceiver): Promise<void>;
  /**
   * Hands over a frame for one peer, or for every connected peer when `to` is absent. Returns false when the frame is
   * certainly not sent (no connection, queue full, too large): consensus treats it as lost. The caller does not touch the bytes again.
   */
  send(frame: Uint8Array, to?: string): boolean;
  /** The longest frame that it carries, in bytes. Default: as long as consensus makes them. */
  readonly maxFrameBytes?: number;
  /** The peers reachable now. */
  readonly peers: ReadonlySet<string>;
  /** Idempotent. Resolves when every socket and timer is released. */
  close(): Promise<void>;
}
