import type { MemberId } from '../consensus.js';
import { Fifo } from '../fifo.js';
import type { Result } from './result.js';

/** The end of a session that lives in this process: it learns here what became of its commands. */
export interface SessionObserver {
  /** `lastApplied` is the highest sequence applied so far: 0 for a new session. */
  opened(member: MemberId, lastApplied: number): void;
  applied(sequence: number, result: Result): void;
  closed(member: MemberId): void;
  /** The engine has stopped for good. */
  failed(failure: Error): void;
}

/** A membership, seen as the source of commands: each is applied once, in the order of its sequences. */
export class ReplicatedSession {
  lastApplied = 0;
  /** The highest sequence whose result, like all before it, need not be kept any more. */
  acknowledged = 0;
  /** The results of the sequences from `acknowledged + 1` to `lastApplied`. */
  readonly results = new Fifo<{ readonly result: Result }>();
  /** The highest sequence that this leader let into its log: no part of the replicated state. */
  admitted = 0;
  observer: SessionObserver | undefined;

  constructor(readonly member: MemberId) {}

  /** Keeps the result of the next sequence. */
  record(result: Result): void {
    this.lastApplied++;
    this.results.push({ result });
  }

  acknowledge(upTo: number): void {
    while (this.acknowledged < upTo && this.acknowledged < this.lastApplied) {
      this.results.shift();
      this.acknowledged++;
    }
  }

  /** The kept result of a sequence, or undefined where it is not kept. */
  kept(sequence: number): { readonly result: Result } | undefined {
    return sequence > this.acknowledged ? this.results.at(sequence - this.acknowledged - 1) : undefined;
  }
}
