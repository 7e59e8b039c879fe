import type { CommandInit } from '../replicated/command.js';
import type { CallOptions } from '../session/call.js';
import { acknowledgeCommand, extendCommand, returnCommand } from './queue-commands.js';
import { wholeMs } from './queue-options.js';

/** Submits a command about one ticket. Resolves with whether this member still held the item. */
export type HoldSubmit = (command: () => CommandInit, options: CallOptions | undefined) => Promise<boolean>;

/**
 * An item that this member holds until it acknowledges it, or gives it back, or its time is up, or it leaves the grid.
 *
 * Each call resolves with whether the item was still held: false means that it may be in the hands of others by now.
 */
export class HeldItem<T> {
  constructor(
    readonly item: T,
    /** How often it was delivered, this time counted: 1 for the first time. */
    readonly deliveries: number,
    private readonly ticket: number,
    private readonly visibilityTimeoutInMs: number,
    private readonly submit: HoldSubmit,
  ) {}

  /** The work is done: nobody gets the item again. */
  ack(options?: CallOptions): Promise<boolean> {
    return this.submit(() => acknowledgeCommand([this.ticket]), options);
  }

  /** The work is not done: the item is offered again in its old place, after so many ms of log time. */
  nack(delayInMs = 0, options?: CallOptions): Promise<boolean> {
    return this.submit(() => returnCommand(this.ticket, delayInMs), options);
  }

  /** Holds the item for so many ms of log time from now, by default as long as it was taken for. */
  extend(visibilityTimeoutInMs = this.visibilityTimeoutInMs, options?: CallOptions): Promise<boolean> {
    const command = () => extendCommand(this.ticket, wholeMs('visibilityTimeoutInMs', visibilityTimeoutInMs, 1));
    return this.submit(command, options);
  }
}
