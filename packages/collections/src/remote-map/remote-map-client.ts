import type { Clock } from '../clock.js';
import { BusyError, ClosedError, type HamokError, IndeterminateError, StorageFailedError } from '../errors.js';
import type { BatchClient } from '../map/map-batch.js';
import type { CommandInit } from '../replicated/command.js';
import type { Result } from '../replicated/result.js';
import type { CallOptions } from '../session/call.js';
import type { Accepted, StorageClient } from '../storage-client.js';
import { type ChangeFailure, type ChangeOutcome, isFailure } from './change-outcome.js';
import { OutcomeWaits } from './outcome-waits.js';
import type { PendingChange } from './pending-change.js';
import { acceptedIndex, maxPendingChanges, type RemoteMapState } from './remote-map-state.js';

/** A facade's way to change a remote map: into the log, and from there through the leader. */
export class RemoteMapClient implements BatchClient {
  readonly #waits: OutcomeWaits;

  constructor(
    private readonly client: StorageClient,
    private readonly clock: Clock,
  ) {
    this.#waits = new OutcomeWaits(clock);
  }

  get batchBytes(): number {
    return this.client.batchBytes;
  }

  requireSize(command: CommandInit): void {
    this.client.requireSize(command);
  }

  /** Resolves with what `read` makes of the outcomes of the command's keys, once the leader has carried it out. */
  async change<T>(command: () => CommandInit, read: (outcomes: Accepted) => T, options?: CallOptions): Promise<T> {
    const { clock } = this;
    const timeoutInMs = options?.timeoutInMs ?? this.client.limitInMs;
    const deadline = clock.now() + timeoutInMs;
    // The wait for the outcome has to begin while the change is applied here: its outcome may be applied next.
    const made = (result: Result): Promise<ChangeOutcome> => {
      const index = this.#indexOf(result);
      if (this.client.closed) throw new ClosedError(`"${this.client.id}"`, true);
      return this.#waits.wait(index, { ...options, timeoutInMs: Math.max(0, deadline - clock.now()) });
    };
    const outcome = await this.client.submit(command, made, { ...options, timeoutInMs });
    if (isFailure(outcome)) throw errorOf(outcome);
    return read(outcome);
  }

  tell({ index }: PendingChange, outcome: ChangeOutcome): void {
    this.#waits.tell(index, outcome);
  }

  /** Ends the calls whose outcome this member has skipped: it took over a state in which they do not wait any more. */
  restored(state: RemoteMapState | undefined): void {
    const error = () => new IndeterminateError('its outcome is not known here, for this member took over a snapshot');
    this.#waits.rejectUnless((index) => state?.isPending(index) === true, error);
  }

  end(error: () => HamokError): void {
    this.#waits.rejectUnless(() => false, error);
  }

  #indexOf(result: Result): number {
    const accepted = this.client.accept(result);
    if (accepted instanceof Uint8Array) return acceptedIndex(accepted);
    throw new BusyError(maxPendingChanges, `as many changes of "${this.client.id}" wait for the leader as may`);
  }
}

function errorOf({ code, message, mayHaveHappened }: ChangeFailure): StorageFailedError {
  return new StorageFailedError(message, code, mayHaveHappened);
}
