import type { CommandInit, StorageTarget } from '../replicated/command.js';
import type { Result } from '../replicated/result.js';

/** How long a call waits. Ending the wait does not end the change. */
export interface CallOptions {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal;
  /** Ends the wait after so many ms, from 0; `Infinity` for no end. Default: `requestTimeoutInMs` of the collection. */
  readonly timeoutInMs?: number;
}

/** For calls that collections make themselves. */
export interface SubmitOptions extends CallOptions {
  /** It is never refused as one too many: it waits for a place. */
  readonly reserved?: boolean;
}

/** One change from its submission until it is applied here, and the promise of its caller. */
export class Call {
  /** 0 until it has a place in the session. */
  sequence = 0;
  bytes: Uint8Array | undefined;
  /** Counts the proposals of it: an answer to an earlier one is ignored. */
  attempt = 0;
  /** Proposals that have not ended yet. */
  pending = 0;
  /** A proposal ended with an unknown outcome: the command may be in the log. */
  mayBeLogged = false;
  mustResend = false;
  /** It was applied, or its session has ended: proposals do not matter any more. */
  done = false;
  /** The caller has its answer. */
  ended = false;
  deadline = Number.POSITIVE_INFINITY;
  stopListening: (() => void) | undefined;

  constructor(
    readonly target: StorageTarget,
    /** Until it is encoded. */
    public command: CommandInit | undefined,
    private readonly onResult: (result: Result) => void,
    private readonly onError: (error: unknown) => void,
    /** Gets the result when the caller is gone: who gave up on something that it was given may give it back. */
    private readonly onLate: ((result: Result) => void) | undefined,
  ) {}

  /** Whether the change may have been made, or may still be. */
  get exposed(): boolean {
    return this.mayBeLogged || this.pending > 0;
  }

  resolve(result: Result): void {
    if (this.#end()) this.onResult(result);
    else this.onLate?.(result);
  }

  reject(error: unknown): void {
    if (this.#end()) this.onError(error);
  }

  #end(): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.stopListening?.();
    return true;
  }
}
