import { MessageType, type StorageKind } from '@hamok/messages';
import { requireWait } from './arguments.js';
import type { CollectionContext } from './collection.js';
import { BadCommandError, ClosedError, codeOf, StorageKindError, UnavailableError } from './errors.js';
import type { CommandInit, StorageTarget } from './replicated/command.js';
import { Refusal, type Result } from './replicated/result.js';
import { kindName } from './replicated/storage-kinds.js';
import type { CallOptions, SubmitOptions } from './session/call.js';

/** The result of a command that was carried out. */
export type Accepted = Exclude<Result, Refusal>;

/** Makes the grid know the storage that it is for, and nothing else. */
export const openCommand: CommandInit = { type: MessageType.STORAGE_OPEN_REQUEST };

/** A facade's way to change its storage. */
export class StorageClient implements StorageTarget {
  closed = false;

  /** @throws StorageKindError when the id is known here to belong to another kind */
  constructor(
    private readonly context: CollectionContext,
    readonly id: string,
    readonly kind: StorageKind,
    private readonly requestTimeoutInMs: number | undefined,
  ) {
    const found = context.state.storage(id);
    if (found !== undefined && found.kind !== kind) throw this.#kindError(found.kind);
  }

  /** The bytes that the keys and values of one command may take together. */
  get batchBytes(): number {
    return this.context.session.batchBytes;
  }

  /** @throws TooLargeError when the command would be refused for its size */
  requireSize(command: CommandInit): void {
    const refusal = this.context.session.tooLarge(this, command);
    if (refusal !== undefined) throw refusal;
  }

  /** How long a call may wait that does not say it. */
  get limitInMs(): number {
    return this.context.session.limitInMs(this.requestTimeoutInMs);
  }

  /**
   * Resolves with what `read` makes of the result. Whatever `command` or `read` throws, the promise rejects with. `late` gets
   * the result of a change that is made after the wait ended.
   */
  submit<T>(
    command: () => CommandInit,
    read: (result: Result) => T,
    options?: SubmitOptions,
    late?: (result: Result) => void,
  ): Promise<T> {
    if (this.closed) return Promise.reject(new ClosedError(`"${this.id}"`));
    let init: CommandInit;
    try {
      init = command();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.context.session.submit(this, init, read, this.#withTimeout(options), late);
  }

  /** Resolves with what `read` makes of the result of a command that was carried out. */
  change<T>(command: () => CommandInit, read: (result: Accepted) => T, options?: SubmitOptions): Promise<T> {
    return this.submit(command, (result) => read(this.accept(result)), options);
  }

  /** Makes the grid know the storage, however long that takes. */
  async open(): Promise<void> {
    const options = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };
    for (;;) {
      try {
        return await this.submit(
          () => openCommand,
          (result) => void this.accept(result),
          options,
        );
      } catch (error) {
        // Opening twice does no harm, so an unknown outcome is no outcome.
        if (codeOf(error) !== 'indeterminate' && codeOf(error) !== 'not-committed') throw error;
      }
    }
  }

  /**
   * Resolves once everything that was committed in the grid before the call is applied here.
   *
   * @throws UnavailableError when nobody confirms it in time; OptionError
   */
  async catchUp(options?: CallOptions): Promise<void> {
    requireWait(options);
    const { signal, timeoutInMs } = options ?? {};
    const limit = timeoutInMs ?? this.limitInMs;
    const { session } = this.context;
    try {
      await this.context.barrier(signal === undefined ? { timeoutInMs: limit } : { signal, timeoutInMs: limit });
    } catch (cause) {
      throw session.failure ?? new UnavailableError('nobody confirmed in time that what is here is current', { cause });
    }
  }

  /** Throws the typed error of a command that was refused. */
  accept(result: Result): Accepted {
    if (!(result instanceof Refusal)) return result;
    if (result.code === 'storage-kind') throw this.#kindError(result.found);
    throw new BadCommandError(`"${this.id}" has no such command`);
  }

  #withTimeout(options: SubmitOptions | undefined): SubmitOptions | undefined {
    if (this.requestTimeoutInMs === undefined || options?.timeoutInMs !== undefined) return options;
    return { ...options, timeoutInMs: this.limitInMs };
  }

  #kindError(found: number): StorageKindError {
    return new StorageKindError(this.id, kindName(this.kind), kindName(found));
  }
}
