import { byteString } from '../../bytes/byte-string.js';
import type { Clock } from '../../clock.js';
import { HamokError, isCertain, StorageUnavailableError } from '../../errors.js';
import { batches, sizeOfEntry } from '../../map/batches.js';
import { atOnce, Calls, Turns } from '../database/calls.js';
import type { DatabaseLimits } from '../database/database-options.js';
import { OpenTable } from '../database/open-table.js';
import { plainBytes } from '../database/rows.js';
import { type Before, type DatabaseTable, type EncodedEntry, PartlyDone, type TableWork } from '../database/table.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisDraft } from './redis-draft.js';
import { commitScript, deleteScript, insertScript, setScript } from './redis-scripts.js';

type Value = Uint8Array | undefined;

type Command = readonly (string | Uint8Array)[];

const perhaps = (): boolean => true;

/** The entries of one storage in a hash of Redis. One connection carries everything, in the order in which it is sent. */
export class RedisTable implements DatabaseTable {
  readonly #calls: Calls;
  readonly #transactions: Calls;

  /**
   * @param entries the key of the hash with the entries
   * @param notes the key of the hash with the notes
   */
  constructor(
    private readonly connection: RedisConnection,
    private readonly entries: string,
    private readonly notes: string,
    private readonly limits: DatabaseLimits,
    clock: Clock,
  ) {
    this.#calls = new Calls(clock, limits.requestTimeoutInMs, atOnce);
    this.#transactions = new Calls(clock, limits.requestTimeoutInMs, new Turns());
  }

  async get(keys: readonly Uint8Array[]): Promise<readonly Value[]> {
    const parts = batches(keys, ({ length }) => length, this.#batchLimits);
    return (await Promise.all(parts.map((part) => this.#read(valuesIn, 'HMGET', this.entries, ...part)))).flat();
  }

  set(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#inParts(setScript, batches(entries, sizeOfEntry, this.#batchLimits));
  }

  insert(entries: readonly EncodedEntry[]): Promise<readonly Before[]> {
    return this.#inParts(insertScript, batches(entries, sizeOfEntry, this.#batchLimits));
  }

  delete(keys: readonly Uint8Array[]): Promise<readonly Before[]> {
    const entries = keys.map((key) => [key] as const);
    return this.#inParts(
      deleteScript,
      batches(entries, ([{ length }]) => length, this.#batchLimits),
    );
  }

  size(): Promise<number> {
    return this.#read(Number, 'HLEN', this.entries);
  }

  keys(): Promise<readonly Uint8Array[]> {
    return this.#read((reply) => listIn(reply).map(plainBytes), 'HKEYS', this.entries);
  }

  async clear(): Promise<void> {
    await this.#change('UNLINK', this.entries);
  }

  async *pages(): AsyncIterable<readonly EncodedEntry[]> {
    // Redis gives a key again when the hash changes its size meanwhile.
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const count = String(this.limits.maxBatchKeys);
      const [next, found] = await this.#read(scanned, 'HSCAN', this.entries, cursor, 'COUNT', count);
      cursor = next;
      const page: EncodedEntry[] = [];
      for (let at = 0; at + 1 < found.length; at += 2) {
        const [key, value] = [found[at], found[at + 1]];
        if (key === undefined || value === undefined || seen.has(byteString(key))) continue;
        seen.add(byteString(key));
        page.push([key, value]);
      }
      yield page;
    } while (cursor !== '0');
  }

  transact(name: string, work: TableWork): Promise<void> {
    let exposed = false;
    return this.#transactions.change(
      () => exposed,
      async (over) => {
        for (let made = false; !made && !over.aborted; ) {
          const draft = new RedisDraft(this);
          const [version, note] = valuesIn(
            await this.connection.send(over, 'HMGET', this.notes, `version:${name}`, `note:${name}`),
          );
          const saved = await this.#drafted(draft, work, note);
          if (saved === undefined) return;
          exposed = true;
          const given = [name, version ?? '0', saved, ...draft.toArguments()];
          made =
            (await this.connection.send(over, 'EVAL', commitScript, '2', this.entries, this.notes, ...given)) === 1;
          exposed = made;
        }
      },
    );
  }

  async close(): Promise<void> {
    await this.#transactions.ended();
    await this.#calls.ended();
  }

  async #drafted(draft: RedisDraft, work: TableWork, note: Value): Promise<Value> {
    const table = new OpenTable(draft);
    try {
      return await work(table, note);
    } finally {
      table.end();
    }
  }

  /** Sends all parts at once, each a script of its own. */
  async #inParts(script: string, parts: readonly (readonly (readonly Uint8Array[])[])[]): Promise<readonly Before[]> {
    const sent = parts.map((part) => this.#change('EVAL', script, '1', this.entries, ...part.flat()));
    const answers = await Promise.allSettled(sent);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    const before = answers.flatMap((answer, at): readonly Before[] =>
      answer.status === 'fulfilled' ? valuesIn(answer.value) : (parts[at]?.map(() => null) ?? []),
    );
    if (refused.length === 0) return before;
    throw new PartlyDone(before, whole(refused, parts.length));
  }

  #read<T>(parse: (reply: unknown) => T, ...command: Command): Promise<T> {
    return this.#calls.read(async (over) => parse(await this.connection.send(over, ...command)));
  }

  #change(...command: Command): Promise<unknown> {
    return this.#calls.change(perhaps, (over) => this.connection.send(over, ...command));
  }

  get #batchLimits(): { bytes: number; items: number } {
    return { bytes: this.limits.maxBatchBytes, items: this.limits.maxBatchKeys };
  }
}

/** What a batch rejects with of which some parts did. */
function whole(refused: readonly unknown[], parts: number): HamokError {
  const [first] = refused;
  if (refused.length === parts && refused.every(isCertain) && first instanceof HamokError) return first;
  return new StorageUnavailableError(
    `${parts - refused.length} of ${parts} parts were made: ${String(first)}`,
    true,
    first,
  );
}

function valuesIn(reply: unknown): Value[] {
  return listIn(reply).map((value) => (value === null ? undefined : plainBytes(value)));
}

/** The next cursor, and keys and values in turn. */
function scanned(reply: unknown): [cursor: string, found: Uint8Array[]] {
  const [cursor, found] = listIn(reply);
  return [new TextDecoder().decode(plainBytes(cursor)), listIn(found).map(plainBytes)];
}

function listIn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw new StorageUnavailableError(`a list was expected of Redis, and a ${typeof reply} came`, true);
}
