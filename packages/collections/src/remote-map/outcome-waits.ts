import type { Clock } from '../clock.js';
import { type HamokError, IndeterminateError } from '../errors.js';
import type { CallOptions } from '../session/call.js';
import type { ChangeOutcome } from './change-outcome.js';

interface OutcomeWait {
  readonly resolve: (outcome: ChangeOutcome) => void;
  readonly reject: (error: HamokError) => void;
}

/** The calls of this member whose changes are in the log, and whose outcomes are not. */
export class OutcomeWaits {
  readonly #waits = new Map<number, OutcomeWait>();

  constructor(private readonly clock: Clock) {}

  /** Resolves with the outcome of the change with that index, which comes later. Rejects when the wait ends first, or `reject` ends it. */
  wait(index: number, { signal, timeoutInMs = Number.POSITIVE_INFINITY }: CallOptions): Promise<ChangeOutcome> {
    return new Promise((resolve, reject) => {
      const expire = () =>
        end(new IndeterminateError('timed out before the leader, which has to show the map, had made it'));
      const abort = () => end(new IndeterminateError('aborted before the leader had made it', signal?.reason));
      const cancel = this.clock.setTimer(expire, timeoutInMs);
      const finish = (): void => {
        this.#waits.delete(index);
        cancel();
        signal?.removeEventListener('abort', abort);
      };
      const end = (error: HamokError): void => {
        finish();
        reject(error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waits.set(index, {
        resolve: (outcome) => {
          finish();
          resolve(outcome);
        },
        reject: end,
      });
    });
  }

  tell(index: number, outcome: ChangeOutcome): void {
    this.#waits.get(index)?.resolve(outcome);
  }

  /** Ends those that wait for other changes than these. */
  rejectUnless(isExpected: (index: number) => boolean, error: () => HamokError): void {
    for (const [index, { reject }] of [...this.#waits]) if (!isExpected(index)) reject(error());
  }
}
