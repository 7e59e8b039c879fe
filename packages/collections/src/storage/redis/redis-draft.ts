import { byteString, bytesOf } from '../../bytes/byte-string.js';
import type { Rows } from '../database/open-table.js';
import type { EncodedEntry } from '../database/table.js';

type Value = Uint8Array | undefined;

/** Reads what is in the database. */
export type Reads = Pick<Rows, 'get' | 'keys' | 'size'>;

/**
 * The changes of a transaction, until they are made at once, over what the database has. It keeps what was read, so that it can be seen
 * at the end whether that is still so.
 */
export class RedisDraft implements Rows {
  readonly #read = new Map<string, Value>();
  readonly #changes = new Map<string, Value>();
  #size: number | undefined;
  #keys: ReadonlySet<string> | undefined;
  #isCleared = false;

  constructor(private readonly database: Reads) {}

  async get(keys: readonly Uint8Array[]): Promise<Value[]> {
    const ids = keys.map(byteString);
    const unknown = this.#isCleared ? [] : ids.filter((id) => !this.#changes.has(id) && !this.#read.has(id));
    if (unknown.length > 0) {
      const values = await this.database.get(unknown.map(bytesOf));
      unknown.forEach((id, at) => void this.#read.set(id, values[at]));
    }
    return ids.map((id) => (this.#isCleared || this.#changes.has(id) ? this.#changes.get(id) : this.#read.get(id)));
  }

  async set(entries: readonly EncodedEntry[]): Promise<Value[]> {
    const before = await this.get(entries.map(([key]) => key));
    for (const [key, value] of entries) this.#changes.set(byteString(key), value);
    return before;
  }

  async insert(entries: readonly EncodedEntry[]): Promise<Value[]> {
    const before = await this.get(entries.map(([key]) => key));
    entries.forEach(([key, value], at) => {
      if (before[at] === undefined) this.#changes.set(byteString(key), value);
    });
    return before;
  }

  async delete(keys: readonly Uint8Array[]): Promise<Value[]> {
    const before = await this.get(keys);
    keys.forEach((key, at) => {
      if (before[at] !== undefined) this.#changes.set(byteString(key), undefined);
    });
    return before;
  }

  async size(): Promise<number> {
    if (!this.#isCleared) this.#size ??= await this.database.size();
    let size = this.#isCleared ? 0 : (this.#size ?? 0);
    for (const [id, value] of this.#changes) {
      const wasThere = !this.#isCleared && this.#read.get(id) !== undefined;
      size += (value === undefined ? 0 : 1) - (wasThere ? 1 : 0);
    }
    return size;
  }

  async keys(): Promise<Uint8Array[]> {
    if (!this.#isCleared) this.#keys ??= new Set((await this.database.keys()).map(byteString));
    const ids = new Set(this.#isCleared ? [] : this.#keys);
    for (const [id, value] of this.#changes) {
      if (value === undefined) ids.delete(id);
      else ids.add(id);
    }
    return Array.from(ids, bytesOf);
  }

  clear(): void {
    this.#isCleared = true;
    this.#changes.clear();
  }

  /** What was read and what is to be changed, as the script for it takes them. */
  toArguments(): (string | Uint8Array)[] {
    const none = new Uint8Array(0);
    const present = [...(this.#keys ?? [])].filter((id) => !this.#read.has(id));
    const size = this.#keys?.size ?? this.#size ?? -1;
    const read = Array.from(this.#read, ([id, value]) => [bytesOf(id), value === undefined ? '0' : '1', value ?? none]);
    const changes = Array.from(this.#changes, ([id, value]) => [
      bytesOf(id),
      value === undefined ? '0' : '1',
      value ?? none,
    ]);
    return [
      String(size),
      String(read.length + present.length),
      ...read.flat(),
      ...present.flatMap((id) => [bytesOf(id), '2', none]),
      this.#isCleared ? '1' : '0',
      ...changes.flat(),
    ];
  }
}
