import type { Buffer } from 'node:buffer';

/** What the storage needs of a client of `redis`. */
export interface RedisClient {
  /** Whether it is connected: nothing is asked of it while it is not, for it would keep that and send it at some later time. */
  readonly isReady: boolean;
  sendCommand(args: readonly (string | Buffer)[], options?: RedisCommandOptions): Promise<unknown>;
}

export interface RedisCommandOptions {
  /** Takes back what was not sent. */
  readonly abortSignal?: AbortSignal;
  readonly typeMapping?: { readonly 36: typeof Buffer };
}
