import { LimitedWait } from '../limited-wait.js';
import type { CommandInit } from '../replicated/command.js';
import type { Given } from './queue-results.js';

/** One caller that waits for an item, and where its wait stands. */
export class QueueWait extends LimitedWait<Given> {
  /** Known once the grid has given it a place among those who wait. */
  ticket: number | undefined;
  /** It was handed an item, and has told the grid so; it has the item once the grid agrees. */
  confirming = false;

  constructor(
    readonly command: CommandInit,
    onGiven: (given: Given) => void,
    onError: (error: unknown) => void,
  ) {
    super(onGiven, onError);
  }

  get pops(): boolean {
    return this.command.leaseInMs === undefined;
  }
}
