import type { EncodedEntry } from '../storage-grid/entry-codec.js';
import type { Patience } from '../storage-grid/patience.js';
import type { Progress } from '../storage-grid/progress.js';
import type { Participant } from '../storage-grid/view.js';
import type { KeyOperation } from './key-requests.js';

/** One key of a call, on its way. */
export class KeyItem<K = unknown> {
  readonly key: K;
  readonly slot: string;
  readonly value: string | undefined;
  /** What the key held before; undefined where it was not taken, or not yet. */
  before: string | undefined = undefined;
  done = false;
  /** Who is said to hold it. */
  holder: Participant | undefined = undefined;
  /** Who was asked last. */
  asked: Participant | undefined = undefined;
  /** What those who were asked said before they answered, if anything. */
  progress: Progress | undefined = undefined;
  /** Whether who was asked has not answered: a change may have been made, or be made yet. */
  exposed = false;

  constructor({ key, slot, value }: EncodedEntry<K>) {
    this.key = key;
    this.slot = slot;
    this.value = value;
  }
}

export interface KeyCall {
  readonly operation: KeyOperation;
  readonly items: readonly KeyItem[];
  /** Whether the caller still waits. What was begun is finished anyway. */
  readonly patience: Pick<Patience, 'ended'>;
}
