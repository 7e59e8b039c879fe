import type { HamokMessage } from '@hamok/messages';
import type { Clock } from '../clock.js';
import { batches } from '../map/batches.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { MessageLimits } from '../storage-grid/held-entries.js';
import { Progress } from '../storage-grid/progress.js';
import type { Requests } from '../storage-grid/requests.js';
import type { Participant } from '../storage-grid/view.js';
import type { KeyAttempt } from './key-attempt.js';
import type { KeyItem } from './key-item.js';
import { type KeyOperation, keyRequest, readReplies, retry, writes } from './key-requests.js';

/** One key that another participant is asked about. */
interface Question {
  readonly item: KeyItem;
  readonly attempt: KeyAttempt;
}

interface Batch {
  readonly grid: EntryGrid;
  readonly to: Participant;
  readonly operation: KeyOperation;
  readonly questions: Question[];
}

/** What a key takes of a message beside itself and its value, near enough. */
const bytesAnItem = 16;

/** Questions to other participants: those of one turn go together, and each is answered when its own answer is there. */
export class KeyBatches {
  #due: Batch[] = [];

  constructor(
    private readonly requests: Requests,
    private readonly limits: MessageLimits,
    private readonly clock: Clock,
  ) {}

  ask(grid: EntryGrid, to: Participant, operation: KeyOperation, question: Question): void {
    for (const batch of this.#due)
      if (batch.to === to && batch.operation === operation && batch.grid === grid) {
        batch.questions.push(question);
        return;
      }
    this.#due.push({ grid, to, operation, questions: [question] });
    if (this.#due.length === 1) this.clock.defer(() => this.#flush());
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    for (const batch of due)
      for (const part of batches(batch.questions, sizeOf, this.limits)) void this.#send(batch, part);
  }

  async #send({ grid, to, operation }: Batch, questions: readonly Question[]): Promise<void> {
    const open: (Question | undefined)[] = [...questions];
    const { epoch } = grid.view;
    const take = (answer: HamokMessage): void =>
      readReplies(answer, grid.view, (at, reply) => {
        const question = open[at];
        if (question === undefined) return;
        open[at] = undefined;
        question.attempt.replied(question.item, reply, epoch);
      });
    const told = (waitsFor: readonly Participant[]): void => {
      const now = this.clock.now();
      for (const question of open) {
        if (question === undefined) continue;
        question.item.progress ??= new Progress();
        question.item.progress.told(now, waitsFor);
      }
    };
    const slots = questions.map(({ item }) => item.slot);
    const values = writes(operation) ? questions.map(({ item }) => item.value ?? '') : [];
    try {
      take(await this.requests.ask(grid, to, keyRequest(operation, slots, values), { told, part: take }));
      for (const question of open) question?.attempt.replied(question.item, retry, epoch);
    } catch {
      for (const question of open) question?.attempt.departed(question.item);
    }
  }
}

function sizeOf({ item }: Question): number {
  return item.slot.length + (item.value?.length ?? 0) + bytesAnItem;
}
