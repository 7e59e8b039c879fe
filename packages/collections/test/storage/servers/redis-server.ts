import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findProgram, freePort, startUntil } from './programs.js';

const program = findProgram('redis-server');

/** A Redis server of its own, on a port of the loopback, with its data in memory. */
export class RedisServer {
  static readonly isInstalled = program !== undefined;

  private constructor(
    readonly port: number,
    private child: ChildProcess,
  ) {}

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    return new RedisServer(port, await RedisServer.#spawn(port));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again, empty. */
  async start(): Promise<void> {
    this.child = await RedisServer.#spawn(this.port);
  }

  /** It hears, and does not answer until it goes on. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Ends it as a crash does. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  static #spawn(port: number): Promise<ChildProcess> {
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      '/tmp',
    ];
    return startUntil(/Ready to accept connections/, program ?? '', ...settings);
  }
}
