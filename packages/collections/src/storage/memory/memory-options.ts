import type { Clock } from '../../clock.js';
import type { HamokCodec } from '../../codec.js';
import type { StorageOptions } from '../storage.js';

export interface MemoryStorageOptions<K, V = never> extends StorageOptions<K> {
  /**
   * Values are kept as its bytes, and decoded for each who gets them: what a database would keep of them, and a copy for everyone. For tests of
   * programs that use another storage elsewhere, with that one's codec. Default: values are kept by reference, whatever they are.
   */
  readonly valueCodec?: HamokCodec<V, Uint8Array>;
  /** An entry expires so long after it was last written (or restored), in ms above 0. Default, and `Infinity`: it does not. */
  readonly expireAfterWriteInMs?: number;
  /**
   * An entry expires so long after it was last written or read by its key, in ms above 0. Iteration and `keys` are no reads; an
   * insert that finds the key taken is one. Given beside the other, the earlier end counts. Default, and `Infinity`: it does not.
   */
  readonly expireAfterAccessInMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}
