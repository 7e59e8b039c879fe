import type { GridCallOptions } from '@hamok/collections';
import type { SeededRandom } from '../random.js';
import { type Call, type CallKind, effectOf, makeCall } from './calls.js';
import type { Change } from './changes.js';
import type { Host } from './host.js';
import type { OpenCall } from './invariants/index.js';
import type { StoragesWorld, Taker } from './storages-world.js';

const often: readonly CallKind[] = ['set', 'set', 'get', 'get', 'insert', 'delete', 'evict'];
const seldom: readonly CallKind[] = ['update', 'restore', 'size', 'keys', 'iterate'];

/** How long a caller waits. */
interface Wait {
  readonly timeoutInMs?: number;
  readonly abortAfter?: number;
}

/** Makes calls on the storages of the members, and notes in the history what they said. */
export class StorageClient {
  #lastValue = 0;
  #calls = 0;
  failure: unknown;

  constructor(
    private readonly world: StoragesWorld,
    private readonly random: SeededRandom,
  ) {}

  /** Calls of living processes that have not ended. */
  get open(): number {
    return [...this.world.calls].filter(({ host }) => host.status !== 'dead').length;
  }

  /** Each draws from a stream of its own: what one draws does not shift those after it. */
  call(): void {
    const { world } = this;
    const random = this.random.fork();
    const taker = random.pick(world.serving);
    if (taker === undefined) return;
    const { storage, host } = taker;
    const { id } = host;
    const kind = this.#kind(random);
    const keys = this.#keys(kind, random);
    const begin = world.queue.now;
    const entries = keys.map((key) => [key, [++this.#lastValue]] as const);
    const effect = effectOf(kind);
    const wait = this.#wait(effect === 'delete', random);
    let isPartial = false;
    const what = `#${++this.#calls} ${kind} on ${id}`;
    const knowsWriters = world.knowsWriters(taker);
    const takesPart = effect === 'read' || kind === 'clear';
    const missing = (): void => {
      isPartial = true;
    };
    const options = this.#options(host, wait, takesPart && random.chance(0.3) ? missing : undefined);
    world.note(() => `${what} ${effect === 'write' ? describeEntries(entries) : keys.join(' ')}`);
    const changes =
      effect === 'read'
        ? []
        : entries.map(([key, [value]]) => this.#begin(taker, key, effect === 'write' ? value : undefined));
    this.#follow(
      {
        kind,
        what,
        begin,
        storage,
        keys,
        entries,
        changes,
        options,
        isPartial: () => isPartial,
        isCurrent: () => host.id === id && !host.removed && host.misledAt < begin && knowsWriters(),
      },
      host,
      wait,
    );
  }

  #follow(call: Call, host: Host, { timeoutInMs, abortAfter }: Wait): void {
    const { kind, what, begin, keys, changes } = call;
    const abortAt = abortAfter === undefined ? undefined : begin + abortAfter;
    const steps = kind === 'iterate' ? 2 : 1;
    const open: OpenCall = { host, what, begin, timeoutInMs, abortAt, steps, keys, changes };
    this.world.called(open);
    this.world.asked(call);
    makeCall(call, this.world.history)
      .then(
        (result) => {
          this.world.answered(call, result);
          this.#count(kind, call.isPartial() ? 'partial' : 'done');
          const aside = call.isPartial() ? ', with members missing' : '';
          this.world.note(() => `${what} -> ${describeResult(result)}${aside}`);
        },
        (error: unknown) => this.#failed(call, error),
      )
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.world.calls.delete(open);
      });
  }

  #kind(random: SeededRandom): CallKind {
    const { world } = this;
    if (random.chance(world.hotKeys.length > 0 ? 0.04 : 0.01) && world.plan.deleting) return 'clear';
    const kind = random.pick(random.chance(0.15) ? seldom : often) ?? 'get';
    if (effectOf(kind) === 'delete' && !world.plan.deleting) return 'set';
    return kind === 'update' && world.plan.kind === 'separated' ? 'set' : kind;
  }

  #keys(kind: CallKind, random: SeededRandom): readonly string[] {
    const { world } = this;
    const count = kind === 'update' || random.chance(0.8) ? 1 : 4;
    const keys = random.chance(0.5) && world.hotKeys.length > 0 ? world.hotKeys : world.keys;
    const some = Array.from({ length: count }, () => random.pick(keys) ?? '');
    const isWhole = kind === 'clear' || kind === 'size' || kind === 'keys' || kind === 'iterate';
    return isWhole ? world.keys : [...new Set(some)];
  }

  /** A deletion seldom ends before it is known whether it was made: after that nobody can tell a loss from it. */
  #wait(deletes: boolean, random: SeededRandom): Wait {
    if (random.chance(deletes ? 0.03 : 0.2)) return { timeoutInMs: random.between(1, 800) };
    return random.chance(deletes ? 0.01 : 0.05) ? { abortAfter: random.between(0, 800) } : {};
  }

  #options(host: Host, { timeoutInMs, abortAfter }: Wait, missing: (() => void) | undefined): GridCallOptions {
    const controller = new AbortController();
    if (abortAfter !== undefined) this.world.queue.after(abortAfter, () => host.act(() => controller.abort()));
    return {
      ...(timeoutInMs === undefined ? {} : { timeoutInMs }),
      ...(abortAfter === undefined ? {} : { signal: controller.signal }),
      ...(missing === undefined ? {} : { onMissing: missing }),
    };
  }

  #begin({ writer }: Taker, key: string, value: number | undefined): Change {
    const { history, plan } = this.world;
    if (value === undefined) return history.delete(key);
    return history.write(key, value, plan.kind === 'federated' ? writer : undefined, writer);
  }

  #failed({ kind, what, changes }: Call, error: unknown): void {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = String(error.code);
    if (!expected.has(code)) throw error;
    this.#count(kind, code);
    const mayHaveHappened = 'mayHaveHappened' in error && error.mayHaveHappened === true;
    this.world.note(() => `${what} -> ${code}${mayHaveHappened ? ', may have happened' : ''}: ${error.message}`);
    if (!mayHaveHappened) for (const change of changes) this.world.history.forget(change);
  }

  #count(kind: string, outcome: string): void {
    this.world.operations.add(`${kind}: ${outcome}`);
  }
}

/** `k1=[3]`, as frames are described. */
function describeEntries(entries: Iterable<readonly [key: string, value: readonly number[]]>): string {
  return [...entries].map(([key, value]) => `${key}=[${value}]`).join(' ');
}

function describeResult(result: unknown): string {
  if (result instanceof Map) return describeEntries(result) || 'nothing';
  if (result instanceof Set) return [...result].join(' ') || 'nothing';
  return Array.isArray(result) ? `[${result}]` : `${result ?? 'done'}`;
}

const expected = new Set(['indeterminate', 'not-committed', 'unavailable', 'missing-members', 'closed']);
