import type { Told } from './entries-view.js';

/** Keeps what a transaction changed, to be told once it is certain. */
export class RecordedChanges<K, V> implements Told<K, V> {
  readonly #changes: ((told: Told<K, V>) => void)[] = [];

  written(key: K, before: V | undefined, value: V): void {
    this.#changes.push((told) => told.written(key, before, value));
  }

  restored(key: K, value: V): void {
    this.#changes.push((told) => told.restored(key, value));
  }

  gone(why: 'deleted' | 'evicted', key: K, value: V): void {
    this.#changes.push((told) => told.gone(why, key, value));
  }

  cleared(): void {
    this.#changes.push((told) => told.cleared());
  }

  tell(told: Told<K, V>): void {
    for (const change of this.#changes) change(told);
  }
}
