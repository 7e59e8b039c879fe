import { MessageType } from '@hamok/messages';
import type { Pauses } from '../pauses.js';
import type { LeaderCommandInit } from '../replicated/command.js';

export type LeaderSays = Pick<LeaderCommandInit, 'type' | 'values' | 'tickets' | 'dedupId'>;

export interface OutcomeTellerOptions {
  /** Whether it is in the log, and applied here. */
  readonly propose: (command: LeaderSays) => Promise<boolean>;
  /** Whether this member leads, and whoever it tells is there. */
  readonly isLeading: () => boolean;
  /** The index of the last change whose outcome is in the log. */
  readonly appliedIndex: () => number;
  /** Bytes that the values of one command may take. */
  readonly partBytes: number;
  readonly pauses: Pauses;
  /** Something was told, or will not be. */
  readonly onProgress: () => void;
}

interface Made {
  readonly index: number;
  /** When it was made, in ms of the clock. */
  readonly at: number;
  readonly encoded: Uint8Array;
}

const retryInMs = 100;

/** Puts the outcomes of changes that were made here into the log, in their order: at once, and those that come meanwhile together. */
export class OutcomeTeller {
  #made: Made[] = [];
  #telling = false;

  constructor(private readonly options: OutcomeTellerOptions) {}

  /** Changes that were made, and whose outcomes are not known to be in the log. */
  get untold(): number {
    this.#settle();
    return this.#made.length;
  }

  /** When the first of them was made, in ms of the clock. */
  get oldest(): number {
    this.#settle();
    return this.#made[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  tell(made: Made): void {
    this.#made.push(made);
    if (!this.#telling) void this.#tellAll();
  }

  /** They are somebody else's to make, or do not exist any more. */
  forget(): void {
    this.#made = [];
  }

  async #tellAll(): Promise<void> {
    const { isLeading, pauses, onProgress } = this.options;
    this.#telling = true;
    while (this.#made.length > 0 && isLeading()) {
      const [first] = this.#made;
      await this.#proposeAll(concatenated(this.#made.map(({ encoded }) => encoded)));
      this.#settle();
      onProgress();
      if (first !== undefined && first === this.#made[0]) await pauses.pause(retryInMs);
    }
    this.#telling = false;
    this.#made = [];
    onProgress();
  }

  #settle(): void {
    const appliedIndex = this.options.appliedIndex();
    const told = this.#made.findIndex(({ index }) => index > appliedIndex);
    this.#made.splice(0, told < 0 ? this.#made.length : told);
  }

  /** In as many commands as it takes, one after another. */
  async #proposeAll(bytes: Uint8Array): Promise<void> {
    const { partBytes, propose } = this.options;
    for (let offset = 0; offset < bytes.length; offset += partBytes) {
      const values = [bytes.subarray(offset, offset + partBytes)];
      const tickets = [offset, bytes.length];
      if (!(await propose({ type: MessageType.REMOTE_MAP_OUTCOMES_REQUEST, values, tickets }))) return;
    }
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
