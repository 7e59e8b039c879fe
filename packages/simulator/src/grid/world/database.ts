import { TestDatabase } from '@hamok/collections/testing';
import type { SeededRandom } from '../../random.js';
import type { Process } from './process.js';
import type { World } from './world.js';

type Entries = TestDatabase<string, string>;
type Storage = ReturnType<Entries['client']>;
type TransactionalStorage = ReturnType<Entries['transactionalClient']>;

/** How long a call, or its answer, is on its way (ms): mostly, and now and then. */
const latency = 4;
const slowLatency = 400;
const slowChance = 0.02;

/** One database for all processes, and another without transactions. A connection ends with its process, and with it the transaction that is not committed. */
export class Database {
  readonly #entries: Entries = new TestDatabase();
  readonly #plainEntries: Entries = new TestDatabase();
  readonly #connections = new Map<Process, TransactionalStorage>();
  readonly #plainConnections = new Map<Process, Storage>();
  readonly #byName = new Map<string, Process>();
  /** What processes wait for. */
  readonly #waiting = new Map<Process, Set<(lost: Error) => void>>();

  constructor(
    readonly world: World,
    readonly random: SeededRandom,
  ) {
    for (const entries of [this.#entries, this.#plainEntries]) {
      entries.before = ({ client }) => this.#pass(client);
      entries.after = ({ client }) => this.#pass(client);
    }
  }

  connectionOf(process: Process): TransactionalStorage {
    const known = this.#connections.get(process);
    if (known) return known;
    const connection = this.#entries.transactionalClient(process.name);
    this.#connections.set(process, connection);
    this.#byName.set(process.name, process);
    return connection;
  }

  /** To the one without transactions. */
  plainConnectionOf(process: Process): Storage {
    const connection = this.#plainConnections.get(process) ?? this.#plainEntries.client(process.name);
    this.#plainConnections.set(process, connection);
    this.#byName.set(process.name, process);
    return connection;
  }

  disconnect(process: Process): void {
    for (const lose of this.#waiting.get(process) ?? []) lose(new Error('the connection is lost'));
    this.#waiting.delete(process);
  }

  #pass(client: string): Promise<void> | undefined {
    const process = this.#byName.get(client);
    if (!process) return undefined;
    const waiting = this.#waiting.get(process) ?? new Set();
    this.#waiting.set(process, waiting);
    const most = this.random.chance(slowChance) ? slowLatency : latency;
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      this.world.queue.after(this.random.between(0, most), () =>
        process.act(() => {
          waiting.delete(reject);
          resolve();
        }),
      );
    });
  }
}
