import { StorageKind } from '@hamok/messages';
import type { Collection, CollectionContext, CollectionOptions } from '../collection.js';
import { ClosedError, OptionError } from '../errors.js';
import { HamokMap } from '../map/hamok-map.js';
import type { HoldNames } from '../permits/hold-names.js';
import type { CallOptions } from '../session/call.js';
import { Additions } from './additions.js';
import { type CounterMap, sumIn, sumKey } from './counter-map.js';

export interface HamokCounterOptions extends CollectionOptions {
  /** Names the counter in the grid: every member that creates it has the same one. */
  readonly counterId: string;
}

/** A whole number that every member adds to, from 0. Exact within 2^53 - 1 on both sides of it. */
export class HamokCounter implements Collection {
  readonly id: string;
  /** In the grid it is a map. */
  readonly kind = StorageKind.MAP;
  /** Resolves when the grid knows it. Never rejects unhandled. */
  readonly ready: Promise<this>;
  readonly #context: CollectionContext;
  readonly #options: HamokCounterOptions;
  readonly #map: CounterMap;
  readonly #additions: Additions;

  /** For `Collections`, which makes the counters. */
  constructor(context: CollectionContext, options: HamokCounterOptions, names: HoldNames) {
    const { counterId, requestTimeoutInMs } = options;
    this.id = counterId;
    this.#context = context;
    this.#options = options;
    const limit = requestTimeoutInMs === undefined ? {} : { requestTimeoutInMs };
    this.#map = new HamokMap({ ...context, onClose: () => context.onClose(this) }, { mapId: counterId, ...limit });
    this.#additions = new Additions(this.#map, context.clock, names);
    this.ready = this.#map.ready.then(() => this);
    this.ready.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#map.closed;
  }

  /** What it is, as far as it is known here. Local and synchronous. */
  get value(): number {
    return sumIn(this.#map);
  }

  /** What it is, with everything that was added in the grid before the call. Rejects as `read` of a `HamokMap` does. */
  async read(options?: CallOptions): Promise<number> {
    return Number((await this.#map.read(sumKey, options)) ?? 0);
  }

  /**
   * Adds a whole number, which may be negative, and resolves with what it makes. Where nothing but numbers above 0 is added, no two calls on any
   * members are told the same. What one member adds is added in the order of its calls, many calls in one change.
   *
   * Rejects as the changes of a `HamokMap` do: with `mayHaveHappened` it may have been added, or may still be, and it is never added twice. With an
   * `OptionError` for what is no safe integer, or would not make one by what is known here.
   *
   * @param delta default: 1
   */
  async add(delta = 1, options?: CallOptions): Promise<number> {
    if (this.closed) throw new ClosedError(`"${this.id}"`);
    if (!Number.isSafeInteger(delta)) throw new OptionError('delta', 'must be a safe integer');
    const timeoutInMs = options?.timeoutInMs ?? this.#context.session.limitInMs(this.#options.requestTimeoutInMs);
    return this.#additions.add(delta, { ...options, timeoutInMs });
  }

  /** Detaches this facade. What was added stays. */
  close(): void {
    if (this.closed) return;
    this.#map.close();
    this.#additions.close();
  }
}
