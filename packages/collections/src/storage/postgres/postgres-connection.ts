import { StorageUnavailableError } from '../../errors.js';
import type { PostgresClient, PostgresPool, PostgresQuery } from './postgres-pool.js';

type Row = readonly unknown[];

/** What is sent to a server: prepared once a connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const names = new Map<string, string>();

/** A statement under a name that no other text has in this process, and so on none of its connections. */
export function statement(text: string): Statement {
  const name = names.get(text) ?? `hamok_${names.size}`;
  names.set(text, name);
  return { name, text };
}

/** A connection, from when it is taken from the pool until it is given back. */
export class PostgresConnection {
  #broken = false;
  #released = false;

  /** What a connection that breaks says beside the query that fails, which would end the process. */
  readonly #onError = (): void => {
    this.#broken = true;
  };

  private constructor(private readonly client: PostgresClient) {
    client.on('error', this.#onError);
  }

  /**
   * @param over when it is aborted the connection is closed: what is under way on it has no one to tell
   * @throws StorageUnavailableError
   */
  static async take(pool: PostgresPool, over: AbortSignal): Promise<PostgresConnection> {
    const client = await pool.connect().catch((cause: unknown) => {
      throw new StorageUnavailableError(`no connection to PostgreSQL: ${String(cause)}`, false, cause);
    });
    const connection = new PostgresConnection(client);
    if (over.aborted) connection.giveBack();
    else over.addEventListener('abort', () => connection.destroy(), { once: true });
    return connection;
  }

  /** Rejects with a `StorageUnavailableError` that takes the statement for a change. */
  run({ name, text }: Statement, values: unknown[]): Promise<readonly Row[]> {
    return this.#query({ name, text, values, rowMode: 'array' });
  }

  /** As `run`, with a list of many values: planned for these values, for a prepared plan expects few and may look at every row for each. */
  runForMany({ text }: Statement, values: unknown[]): Promise<readonly Row[]> {
    return this.#query({ text, values, rowMode: 'array' });
  }

  /** Several statements at once, without parameters. */
  async runAll(text: string): Promise<void> {
    await this.#query({ text, rowMode: 'array' });
  }

  giveBack(): void {
    if (this.#released) return;
    this.#released = true;
    this.client.off('error', this.#onError);
    this.client.release(this.#broken);
  }

  /** The server undoes what was not committed. */
  destroy(): void {
    if (this.#released) return;
    this.#released = true;
    this.client.release(true);
  }

  async #query(query: PostgresQuery): Promise<readonly Row[]> {
    if (this.#released) throw new StorageUnavailableError('the connection was given up', false);
    try {
      return (await this.client.query(query)).rows;
    } catch (cause) {
      const certain = isRefusal(cause);
      if (!certain) this.#broken = true;
      throw new StorageUnavailableError(`PostgreSQL did not carry it out: ${String(cause)}`, !certain, cause);
    }
  }
}

/** A connection exception, an operator's intervention (`57P`), a statement whose completion is unknown, an internal error. */
const uncertain = /^(?:08|57P|40003|XX)/;

/** Whether it is the server's answer to a statement, which it then has not carried out. Errors of sockets have codes too, but no severity. */
function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error && 'severity' in error)) return false;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) && !uncertain.test(error.code);
}
