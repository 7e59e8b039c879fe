import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findProgram, freePort, otherThanRoot, postgresFolders, run } from './programs.js';

const pgCtl = findProgram('pg_ctl', postgresFolders());
const initdb = findProgram('initdb', postgresFolders());

/** A PostgreSQL server of its own, on a port of the loopback, with its data in a folder of its own. */
export class PostgresServer {
  static readonly isInstalled = pgCtl !== undefined && initdb !== undefined;
  readonly #user = otherThanRoot('postgres');
  readonly #folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  readonly #data = join(this.#folder, 'data');

  private constructor(readonly port: number) {}

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    server.#init();
    server.start();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /**
   * A pool as programs make it: it hears of connections that break while nobody uses them. So do its connections, which are still closing
   * when the pool has ended, and may then hear that the server ends.
   */
  openPool(max = 10): pg.Pool {
    const pool = new pg.Pool({ connectionString: this.url, max });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  start(): void {
    const settings = `-p ${this.port} -c listen_addresses=127.0.0.1 -c fsync=off -k ${this.#folder}`;
    const log = join(this.#folder, 'log');
    run(pgCtl ?? '', ['start', '-w', '-D', this.#data, '-l', log, '-o', settings], this.#user);
  }

  /** @param mode `immediate` is a crash */
  stop(mode: 'fast' | 'immediate'): void {
    run(pgCtl ?? '', ['stop', '-w', '-D', this.#data, '-m', mode], this.#user);
  }

  close(): void {
    this.stop('immediate');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #init(): void {
    const { uid, gid } = this.#user;
    if (uid !== undefined && gid !== undefined) chownSync(this.#folder, uid, gid);
    chmodSync(this.#folder, 0o700);
    const settings = ['--username=postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
    run(initdb ?? '', ['-D', this.#data, ...settings], this.#user);
  }
}
