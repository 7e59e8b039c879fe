import type { HamokMessage } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { EntryGrid } from '../storage-grid/entry-grid.js';
import type { MessageLimits } from '../storage-grid/held-entries.js';
import type { Requests } from '../storage-grid/requests.js';
import type { Participant } from '../storage-grid/view.js';
import { type KeyOperation, keyRequest, type Reply, readReplies, retry, writes } from './key-requests.js';

/** One key that another participant is asked about. */
export interface Question {
  readonly slot: string;
  readonly value: string | undefined;
  /** @param epoch that of the request */
  replied(reply: Reply, epoch: number): void;
  /** Who was asked has left, and may or may not have done it. */
  departed(): void;
  /** Who was asked says that it still works on it. */
  prolong(): void;
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
    const isAlike = (one: Batch): boolean => one.to === to && one.operation === operation && one.grid === grid;
    let batch = this.#due.find(isAlike);
    if (batch === undefined) {
      if (this.#due.length === 0) this.clock.defer(() => this.#flush());
      batch = { grid, to, operation, questions: [] };
      this.#due.push(batch);
    }
    batch.questions.push(question);
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    for (const batch of due) for (const part of this.#parts(batch.questions)) void this.#send(batch, part);
  }

  async #send({ grid, to, operation }: Batch, questions: readonly Question[]): Promise<void> {
    const open = new Map(questions.entries());
    const { epoch } = grid.view;
    const reply = (at: number, given: Reply): void => {
      const question = open.get(at);
      open.delete(at);
      question?.replied(given, epoch);
    };
    const take = (answer: HamokMessage): void => readReplies(answer, grid.view, reply);
    const prolong = (): void => {
      for (const question of open.values()) question.prolong();
    };
    const slots = questions.map(({ slot }) => slot);
    const values = writes(operation) ? questions.map(({ value = '' }) => value) : [];
    try {
      take(await this.requests.ask(grid, to, keyRequest(operation, slots, values), prolong, take));
      for (const question of open.values()) question.replied(retry, epoch);
    } catch {
      for (const question of open.values()) question.departed();
    }
  }

  /** In as many messages as their size takes. */
  #parts(questions: readonly Question[]): Question[][] {
    const parts: Question[][] = [];
    let part: Question[] = [];
    let bytes = 0;
    for (const question of questions) {
      const size = question.slot.length + (question.value?.length ?? 0) + bytesAnItem;
      if (part.length > 0 && (bytes + size > this.limits.bytes || part.length >= this.limits.items)) {
        parts.push(part);
        part = [];
        bytes = 0;
      }
      part.push(question);
      bytes += size;
    }
    if (part.length > 0) parts.push(part);
    return parts;
  }
}
