import type { SnapshotMeta, SnapshotStore, SnapshotWriter, StoredSnapshot } from '@hamok/raft';
import type { SeededRandom } from '../../random.js';

/** How a store of snapshots is broken. */
export interface SnapshotTrouble {
  /** How likely a call fails, in [0, 1]. */
  readonly chance: number;
  readonly random: SeededRandom;
}

/** What a store of snapshots fails with. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly code = 'store-failure';

  constructor(readonly call: 'latest' | 'create' | 'append' | 'complete' | 'abort' | 'read') {
    super(`the store of snapshots fails to ${call}`);
  }
}

export interface FragileSnapshotsOptions {
  /** Whether its process is in a grid: what it cannot keep or read before that is the end of it. */
  readonly isInUse: () => boolean;
  /** Resolves a while later, for its process. */
  readonly later: (random: SeededRandom) => Promise<void>;
  /** One that is there cannot be read now. */
  readonly unread: (snapshot: StoredSnapshot) => void;
  /** The most bytes that are read at once. */
  readonly pieceBytes: number;
}

/** A store of snapshots of which calls fail while there is trouble: at once, by a rejection, or by one that comes later. */
export class FragileSnapshots implements SnapshotStore {
  trouble: SnapshotTrouble | undefined;
  readonly failures: StoreFailure[] = [];

  constructor(
    private readonly store: SnapshotStore,
    private readonly options: FragileSnapshotsOptions,
  ) {}

  latest(gridId?: string): Promise<StoredSnapshot | undefined> {
    return this.#call('latest', async () => {
      const snapshot = await this.store.latest(gridId);
      return snapshot && this.#readable(snapshot);
    });
  }

  create(meta: SnapshotMeta): SnapshotWriter {
    if (this.#strikes()) throw this.#failed('create');
    const writer = this.store.create(meta);
    return {
      append: (chunk) => this.#call('append', () => writer.append(chunk)),
      complete: () => this.#call('complete', async () => this.#readable(await writer.complete())),
      abort: async () => {
        await writer.abort();
        // Whose program has heard why it was aborted need not hear of this.
        if (this.#strikes()) throw new StoreFailure('abort');
      },
    };
  }

  #readable(snapshot: StoredSnapshot): StoredSnapshot {
    const { meta, size } = snapshot;
    const read = (offset: number, length: number): Promise<Uint8Array> =>
      this.#call(
        'read',
        () => snapshot.read(offset, Math.min(length, this.options.pieceBytes)),
        () => this.options.unread(snapshot),
      );
    return { meta, size, read };
  }

  #call<Result>(
    name: StoreFailure['call'],
    call: () => Promise<Result>,
    onFailure: () => void = () => {},
  ): Promise<Result> {
    const { trouble } = this;
    if (!trouble || !this.#strikes()) return call();
    onFailure();
    const failure = this.#failed(name);
    if (trouble.random.chance(0.3)) throw failure;
    if (trouble.random.chance(0.5)) return Promise.reject(failure);
    return this.options.later(trouble.random).then(() => {
      throw failure;
    });
  }

  #strikes(): boolean {
    return this.trouble !== undefined && this.options.isInUse() && this.trouble.random.chance(this.trouble.chance);
  }

  #failed(call: StoreFailure['call']): StoreFailure {
    const failure = new StoreFailure(call);
    this.failures.push(failure);
    return failure;
  }
}
