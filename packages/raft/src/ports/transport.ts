/** Who opens a transport. */
export interface TransportLocal {
  readonly id: string;
  /** Members of differently named grids do not connect. */
  readonly gridName: string;
}

/**
 * Where a transport delivers. Callbacks are never made from within `open`, `send` or `close`, and none is made after
 * `close` was called. What a callback throws is given to `error`.
 */
export interface TransportReceiver {
  /**
   * A whole frame, a plain `Uint8Array`. It is not to be written to, and it may be a view into a buffer that the
   * transport reuses or that is much larger: copy what is kept beyond the call.
   */
  frame(frame: Uint8Array): void;
  connected(peerId: string): void;
  disconnected(peerId: string): void;
  error(error: Error): void;
}

/** Moves frames between members: keeps their borders, may lose, delay, duplicate and reorder them. */
export interface Transport {
  /** Once in a transport's life. Resolves when others can reach this member; connections come afterwards. */
  open(local: TransportLocal, receiver: TransportReceiver): Promise<void>;
  /**
   * Hands over a frame for one peer, or for every connected peer when `to` is absent. Returns false when the frame is
   * certainly not sent to anyone (no connection, queue full, too large): consensus treats it as lost. The caller does
   * not touch the bytes again.
   */
  send(frame: Uint8Array, to?: string): boolean;
  /** The longest frame that it carries, in bytes; absent: any. */
  readonly maxFrameBytes?: number;
  /** The peers reachable now: those that were `connected` and not `disconnected` since. */
  readonly peers: ReadonlySet<string>;
  /** Idempotent, before `open` too. Resolves when every socket and timer is released. */
  close(): Promise<void>;
}
