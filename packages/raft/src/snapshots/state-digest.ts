import type { Configuration } from '../core/configuration.js';

/** The platform digests no streams: blocks of this length are digested one by one, and then their digests. */
const blockBytes = 256 * 1024;

/** The SHA-256 of a state, however it is cut into chunks, and of the members as of it. */
export class StateDigest {
  readonly #block = new Uint8Array(blockBytes);
  #filled = 0;
  #digests: Uint8Array[] = [];

  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + blockBytes - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled === blockBytes) await this.#close();
    }
  }

  /** In hexadecimal digits. */
  async end({ voters, learners }: Configuration): Promise<string> {
    await this.#close();
    const members = new TextEncoder().encode(JSON.stringify([voters, learners]));
    const parts = [...this.#digests, members];
    const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.byteLength;
    }
    return Array.from(await sha256(all), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async #close(): Promise<void> {
    this.#digests.push(await sha256(this.#block.slice(0, this.#filled)));
    this.#filled = 0;
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
