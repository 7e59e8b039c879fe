import type { ByteWriter } from '../bytes/byte-writer.js';
import type { StateCut } from './storage-state.js';

/**
 * The cuts of a storage that are being written. A cut is the list of its items at that moment, which costs a copy of the list; what an
 * item held then is kept only where it changes before the cut is closed.
 */
export class OpenCuts<T extends object, F> {
  readonly #open: Map<T, F>[] = [];

  /** @param formOf what of an item can change: a copy, or what is never changed itself */
  constructor(private readonly formOf: (item: T) => F) {}

  /** To be called before an item changes or goes. */
  changing(item: T): void {
    for (const kept of this.#open) if (!kept.has(item)) kept.set(item, this.formOf(item));
  }

  cut(items: readonly T[], write: (item: T, form: F, writer: ByteWriter) => void): StateCut {
    const kept = new Map<T, F>();
    this.#open.push(kept);
    return {
      count: items.length,
      write: (position, writer) => {
        const item = items[position];
        if (item !== undefined) write(item, kept.get(item) ?? this.formOf(item), writer);
      },
      close: () => {
        const at = this.#open.indexOf(kept);
        if (at >= 0) this.#open.splice(at, 1);
      },
    };
  }
}
