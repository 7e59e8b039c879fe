import { createHash, webcrypto } from 'node:crypto';

const algorithms = new Map([['SHA-256', 'sha256']]);

/**
 * The platform computes digests beside the event loop, in turns that virtual time does not have: within a simulation they are ready
 * at once. Returns what brings the platform's own back.
 */
export function promptDigests(): () => void {
  const { subtle } = webcrypto;
  Object.defineProperty(subtle, 'digest', {
    configurable: true,
    value: async (algorithm: string, data: Uint8Array): Promise<ArrayBuffer> => {
      const name = algorithms.get(algorithm);
      if (name === undefined) throw new RangeError(`no simulated digest ${algorithm}`);
      return Uint8Array.from(createHash(name).update(data).digest()).buffer;
    },
  });
  return () => {
    Reflect.deleteProperty(subtle, 'digest');
  };
}
