import type { SeededRandom } from '../random.js';
import type { Change } from './history.js';
import type { Host } from './host.js';
import type { StoragesWorld, Taker } from './storages-world.js';

/** Makes calls on the storages of the members, and notes in the history what they said. */
export class StorageClient {
  #lastValue = 0;
  readonly #open = new Set<{ readonly host: Host }>();
  failure: unknown;

  constructor(
    private readonly world: StoragesWorld,
    private readonly random: SeededRandom,
  ) {}

  /** Calls of living processes that have not ended. */
  get open(): number {
    return [...this.#open].filter(({ host }) => host.status !== 'dead').length;
  }

  call(): void {
    const { world, random } = this;
    const taker = random.pick(world.running);
    if (taker === undefined) return;
    const kind = random.chance(0.01)
      ? 'clear'
      : (random.pick(['set', 'set', 'get', 'get', 'insert', 'delete', 'evict']) ?? 'get');
    const some = Array.from({ length: random.chance(0.8) ? 1 : 4 }, () => this.#key());
    const keys = kind === 'clear' ? world.keys : [...new Set(some)];
    const begin = world.queue.now;
    const { storage, host } = taker;
    const entries = keys.map((key) => [key, [++this.#lastValue]] as const);
    const what = `${kind} on ${host.id}`;
    world.note(() => `${what} ${kind === 'get' ? keys : entries.map((entry) => entry.join(' := '))}`);
    // What a member reads that the log has removed is its own affair.
    const read = (key: string, values: readonly number[] = []): void => {
      if (!host.removed) world.history.read(key, values, begin, what);
    };
    const writes = kind === 'set' || kind === 'insert';
    const changes =
      kind === 'get' ? [] : entries.map(([key, [value = 0]]) => this.#begin(taker, key, writes ? value : undefined));
    const made = async (): Promise<void> => {
      if (kind === 'get') {
        const found = await storage.getAll(keys);
        for (const key of keys) read(key, found.get(key));
      } else if (kind === 'set') {
        await storage.setAll(entries);
        for (const change of changes) world.history.acknowledge(change);
      } else if (kind === 'insert') {
        const there = await storage.insertAll(entries);
        for (const [at, key] of keys.entries())
          this.#conclude(changes[at], !there.has(key), () => read(key, there.get(key)));
      } else if (kind === 'clear') {
        await storage.clear();
        for (const change of changes) world.history.acknowledge(change);
      } else {
        const { epoch } = storage.participants;
        const gone = kind === 'delete' ? await storage.deleteAll(keys) : await storage.evictAll(keys);
        const isOneEpoch = storage.participants.epoch === epoch;
        for (const [at, key] of keys.entries()) {
          const change = changes[at];
          if (change === undefined || host.removed) continue;
          if (gone.has(key)) world.history.tookOut(key, gone instanceof Map ? gone.get(key) : undefined, begin, what);
          // What was there when a participant left in the midst of it may be gone with the answer.
          else if (isOneEpoch) world.history.foundNone(key, change, begin, what);
          world.history.acknowledge(change);
        }
      }
    };
    const call = { host };
    this.#open.add(call);
    made()
      .then(
        () => this.#count(kind, 'done'),
        (error: unknown) => this.#failed(kind, what, changes, error),
      )
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.#open.delete(call);
      });
  }

  /** A member that takes part anew is another writer. */
  #begin({ storage }: Taker, key: string, value: number | undefined): Change {
    const { history, plan } = this.world;
    if (value === undefined) return history.delete(key);
    return history.write(key, value, plan.kind === 'federated' ? storage : undefined);
  }

  #conclude(change: Change | undefined, made: boolean, read: () => void): void {
    if (change === undefined) return;
    if (made) return this.world.history.acknowledge(change);
    this.world.history.forget(change);
    read();
  }

  #failed(kind: string, what: string, changes: readonly Change[], error: unknown): void {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = String(error.code);
    if (!expected.has(code)) throw error;
    this.#count(kind, code);
    this.world.note(() => `${what}: ${code}`);
    const mayHaveHappened = 'mayHaveHappened' in error && error.mayHaveHappened === true;
    if (!mayHaveHappened) for (const change of changes) this.world.history.forget(change);
  }

  #count(kind: string, outcome: string): void {
    this.world.operations.add(`${kind}: ${outcome}`);
  }

  #key(): string {
    return this.random.pick(this.world.keys) ?? '';
  }
}

const expected = new Set(['indeterminate', 'not-committed', 'unavailable', 'missing-members', 'closed']);
