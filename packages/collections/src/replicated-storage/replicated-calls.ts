import type { CollectionContext } from '../collection.js';
import { ClosedError } from '../errors.js';
import type { CallOptions } from '../session/call.js';
import type { StorageClient } from '../storage-client.js';
import { GridCalls } from '../storage-grid/grid-calls.js';

/** The calls of this member on a replicated storage, each in its turn. A wait for that is part of a call's time. */
export class ReplicatedCalls {
  readonly #calls: GridCalls;
  /** What ends each change that was submitted. */
  readonly #submitted = new Set<() => void>();

  constructor(
    context: CollectionContext,
    private readonly client: StorageClient,
  ) {
    this.#calls = new GridCalls(context, client);
  }

  /** @throws ClosedError, and what stopped this member for good */
  requireOpen(): void {
    this.#calls.requireOpen();
  }

  /** Changes that were submitted end at once, for nobody is told of them any more. */
  close(): void {
    this.#calls.close();
    for (const end of this.#submitted) end();
  }

  /**
   * Makes a change when it is its turn: behind the calls before it that have to do with the same keys, or, without keys, behind all.
   *
   * @param submit ends by these options, which are what is left of the call's time
   */
  async change<T>(
    slots: readonly string[] | undefined,
    submit: (left: CallOptions) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T> {
    const patience = this.#calls.begin(options);
    const running = this.#calls.inTurn(slots, patience, async () => {
      if (patience.ended) throw this.#calls.unfinished(false, undefined);
      return this.#whileOpen(submit(patience.handOver()));
    });
    return this.#calls.end(running, patience, {
      unanswered: (cause) => this.#calls.unfinished(false, cause),
      exposed: () => false,
    });
  }

  /** Reads when the changes before it are made, those of these keys or all. At once where there are none. */
  async read<T>(slots: readonly string[] | undefined, read: () => T, options: CallOptions | undefined): Promise<T> {
    const patience = this.#calls.begin(options);
    if (slots !== undefined && !patience.ended && this.#calls.isFree(slots)) return read();
    const readWhileOpen = async (): Promise<T> => {
      this.requireOpen();
      return read();
    };
    return this.#calls.end(this.#calls.afterChanges(slots, patience, readWhileOpen), patience, {
      unanswered: (cause) => this.#calls.unreadable([], cause),
      exposed: () => false,
    });
  }

  #whileOpen<T>(change: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => reject(new ClosedError(`"${this.client.id}"`, true));
      this.#submitted.add(end);
      const over = (): void => void this.#submitted.delete(end);
      change.then(resolve, reject);
      change.then(over, over);
    });
  }
}
