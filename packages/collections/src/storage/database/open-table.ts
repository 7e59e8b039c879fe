import { StorageUnavailableError } from '../../errors.js';
import type { Before, EncodedEntry, Table } from './table.js';

/** A table's calls, made at once or not. */
export type Rows = {
  readonly [Call in keyof Table]: (
    ...given: Parameters<Table[Call]>
  ) => Awaited<ReturnType<Table[Call]>> | ReturnType<Table[Call]>;
};

/** The rows of a transaction, for as long as it is open: who calls later is refused. */
export class OpenTable implements Table {
  #isOpen = true;

  constructor(private readonly rows: Rows) {}

  async get(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#open().get(keys);
  }

  async set(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#open().set(entries);
  }

  async insert(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#open().insert(entries);
  }

  async delete(keys: readonly Uint8Array[]): Promise<readonly Before[]> {
    return this.#open().delete(keys);
  }

  async size(): Promise<number> {
    return this.#open().size();
  }

  async keys(): Promise<readonly Uint8Array[]> {
    return this.#open().keys();
  }

  async clear(): Promise<void> {
    return this.#open().clear();
  }

  end(): void {
    this.#isOpen = false;
  }

  #open(): Rows {
    if (!this.#isOpen) throw new StorageUnavailableError('the transaction has ended', false);
    return this.rows;
  }
}
