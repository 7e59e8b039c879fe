import { Buffer } from 'node:buffer';
import { StorageUnavailableError } from '../../errors.js';
import type { RedisClient } from './redis-client.js';

/** Strings come as bytes: 36 is their type, by its sign in the protocol. */
const typeMapping = { 36: Buffer } as const;

/** Sends commands, in the order of the calls. */
export class RedisConnection {
  constructor(private readonly client: RedisClient) {}

  /**
   * Rejects with a `StorageUnavailableError` that takes the command for a change.
   *
   * @param over when it is aborted the command is taken back, if it has not been sent
   */
  async send(over: AbortSignal, ...args: readonly (string | Uint8Array)[]): Promise<unknown> {
    if (!this.client.isReady) throw new StorageUnavailableError('not connected to Redis', false);
    const encoded = args.map((arg) =>
      typeof arg === 'string' ? arg : Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength),
    );
    try {
      return await this.client.sendCommand(encoded, { abortSignal: over, typeMapping });
    } catch (cause) {
      throw new StorageUnavailableError(`Redis did not carry it out: ${String(cause)}`, !isRefusal(cause), cause);
    }
  }
}

/**
 * Whether it is an error that the server answered with, by the word in capitals that they begin with. It has then done nothing. Errors of
 * sockets have a code.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && !('code' in error) && /^[A-Z]{2,}\b/.test(error.message);
}
