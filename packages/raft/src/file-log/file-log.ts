import type { Configuration } from '../core/configuration.js';
import type { LogPosition } from '../core/entry.js';
import { ConfigurationError, LogFailedError, LogLockedError } from '../errors.js';
import { type Clock, systemClock } from '../ports/clock.js';
import type { LogAppend, LogContents, LogStore, StoredLog } from '../ports/log-store.js';
import { type Durability, durabilities } from './durability.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';
import { maxPayloadBytes } from './format.js';
import { LogWriter } from './log-writer.js';
import { type Recovered, recover } from './recovery.js';

export interface FileLogOptions {
  /** When an entry is acknowledged. Default: `always`. */
  readonly durability?: Durability;
  /** At `interval`: how often the log is put on the disk, in ms, from 1. Default 100. */
  readonly syncIntervalInMs?: number;
  /** About how long a file becomes, in bytes, from 4096 to 256 MiB. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** For tests and simulators. Default: the system's. */
  readonly clock?: Clock;
  /** For tests and simulators. Default: that of Node.js. */
  readonly fileSystem?: FileSystem;
}

/** A call that waits for its turn, and for the disk. */
interface Operation {
  readonly run: (writer: LogWriter) => Promise<void>;
  readonly mustSync: boolean;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * Keeps a member's log in files of a directory of its own, which one live process at a time has: FILE-LOG.md tells the bytes. What
 * is called while the disk is busy shares the next write, and the next sync.
 *
 * Everything rejects with a `LogFailedError` once a write or a sync failed: nothing is tried again, for what a disk holds after
 * that is not known.
 */
export class FileLog implements LogStore {
  readonly durability: Durability;
  readonly #segmentBytes: number;
  readonly #syncIntervalInMs: number;
  readonly #clock: Clock;
  readonly #fileSystem: FileSystem;
  #writer: LogWriter | undefined;
  #unlock: (() => Promise<void>) | undefined;
  /** It has an owner that may go on: a run that ends now ends in order. */
  #inUse = false;
  #failure: LogFailedError | undefined;
  #queue: Operation[] = [];
  #running: Promise<void> | undefined;
  #cancelSync: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  /** @throws {ConfigurationError} naming the option that makes no sense */
  constructor(
    readonly directory: string,
    options: FileLogOptions = {},
  ) {
    const { durability = 'always', syncIntervalInMs = 100, segmentBytes = 16 * 1024 * 1024 } = options;
    if (typeof directory !== 'string' || directory === '') throw new ConfigurationError('directory', 'is not a path');
    if (!durabilities.includes(durability)) {
      throw new ConfigurationError('durability', `${String(durability)} is none of ${durabilities.join(', ')}`);
    }
    this.durability = durability;
    this.#syncIntervalInMs = within('syncIntervalInMs', syncIntervalInMs, 1, 2 ** 31 - 1);
    this.#segmentBytes = within('segmentBytes', segmentBytes, 4096, maxPayloadBytes);
    this.#clock = options.clock ?? systemClock;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
  }

  /**
   * @throws {LogLockedError} {@link LogDamagedError} {@link LogVersionError} {@link LogFailedError} and what the file system throws
   * while the log is read
   */
  async open(_id?: string, failed?: (error: Error) => void): Promise<StoredLog | undefined> {
    if (this.#unlock) throw new LogLockedError(this.directory);
    await this.#fileSystem.makeDirectory(this.directory);
    this.#unlock = await this.#fileSystem.lock(this.directory);
    this.#failure = undefined;
    this.#failed = failed;
    try {
      return await this.#open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #open(): Promise<StoredLog | undefined> {
    const recovered = await recover(this.#fileSystem, this.directory);
    for (const path of recovered.leftovers) await this.#fileSystem.remove(path);
    // The process before may have died between giving a segment its name and making that last.
    await this.#fileSystem.syncDirectory(this.directory);
    const writer = new LogWriter(this.#fileSystem, this.directory, this.#segmentBytes, recovered);
    this.#writer = writer;
    const stored = storedLog(recovered);
    if (!stored?.complete) return stored;
    try {
      await writer.resume(this.durability);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#inUse = true;
    return stored;
  }

  begin(contents: LogContents): Promise<void> {
    return this.#add(false, async (writer) => {
      await writer.begin(contents, this.durability);
      this.#inUse = true;
    });
  }

  append({ hardState, entries }: LogAppend): Promise<void> {
    return this.#add(hardState !== undefined || this.durability === 'always', async (writer) => {
      if (hardState) await writer.hardState(hardState);
      await writer.entries(entries);
    });
  }

  compact(position: LogPosition, configuration: Configuration): Promise<void> {
    return this.#add(false, async (writer) => {
      if (!(await writer.compact(position, configuration))) return;
      await writer.sync();
      await writer.drop();
    });
  }

  clear(): Promise<void> {
    return this.#add(false, async (writer) => {
      this.#inUse = false;
      await writer.clear();
    });
  }

  /**
   * Waits for what was called before. Idempotent.
   * @throws {LogFailedError} where what was acknowledged cannot be put on the disk; nothing is held open any more then, either
   */
  async close(): Promise<void> {
    await this.#running;
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    const [writer, unlock, inUse] = [this.#writer, this.#unlock, this.#inUse && !this.#failure];
    this.#writer = undefined;
    this.#unlock = undefined;
    this.#inUse = false;
    try {
      await endOf(writer, inUse);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      await unlock?.();
    }
  }

  #add(mustSync: boolean, run: Operation['run']): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((done, failed) => {
      this.#queue.push({ run, mustSync, done, failed });
      this.#running ??= this.#work();
    });
  }

  /** All that waits becomes one write, and one sync where one of them needs it. */
  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const operations = this.#queue;
      this.#queue = [];
      try {
        await this.#carryOut(operations);
      } catch (error) {
        const failure = this.#fail(error);
        for (const { failed } of [...operations, ...this.#queue.splice(0)]) failed(failure);
        break;
      }
      for (const { done } of operations) done();
    }
    this.#running = undefined;
  }

  async #carryOut(operations: readonly Operation[]): Promise<void> {
    const writer = this.#writer;
    if (!writer) throw new Error('it is not open');
    for (const { run } of operations) await run(writer);
    if (operations.some(({ mustSync }) => mustSync)) {
      await writer.sync();
      return;
    }
    await writer.flush();
    if (this.durability === 'interval') this.#syncSoon();
  }

  #syncSoon(): void {
    this.#cancelSync ??= this.#clock.setTimer(() => {
      this.#cancelSync = undefined;
      this.#add(true, async () => {}).catch((error: Error) => this.#failed?.(error));
    }, this.#syncIntervalInMs);
  }

  #fail(error: unknown): LogFailedError {
    this.#failure ??= new LogFailedError(this.directory, error);
    return this.#failure;
  }
}

/** A log in files of that directory, for `raftLogs` of a `Hamok`, or `logStore` of a `RaftNode`. Nothing is touched before it is opened. */
export function fileLog(directory: string, options: FileLogOptions = {}): FileLog {
  return new FileLog(directory, options);
}

async function endOf(writer: LogWriter | undefined, inOrder: boolean): Promise<void> {
  try {
    if (inOrder) await writer?.end();
  } finally {
    await writer?.close();
  }
}

function storedLog({ state, entries, closed }: Recovered): StoredLog | undefined {
  if (!state?.owner) return undefined;
  const { owner, hardState, base, configuration, durability } = state;
  return { owner, hardState, base, configuration, entries, complete: closed || durability === 'always' };
}

function within(field: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ConfigurationError(field, `${String(value)} is not a whole number from ${least} to ${most}`);
}
