import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import type { Result } from '../replicated/result.js';
import type { Accepted } from '../storage-client.js';
import type { QueueItem } from './queue-item.js';

/** What somebody who asked for an item was given. */
export interface Given {
  /** Undefined for an item that was popped: nothing is left to do with it. */
  readonly ticket: number | undefined;
  readonly value: Uint8Array;
  readonly deliveries: number;
}

/** A place among those who wait. */
export interface Place {
  readonly ticket: number;
}

const writer = new ByteWriter();

/** The result of a command that has to wait. */
export function ticketOnly(ticket: number): Result {
  writer.varint(ticket);
  return [writer.take()];
}

/** The result of a command that takes. */
export function givenItem(ticket: number, { deliveries, value }: QueueItem): Result {
  writer.varint(ticket);
  writer.varint(deliveries);
  return [writer.take(), value];
}

/** Undefined where there was no item to be had. */
export function readGiven(result: Accepted): Given | Place | undefined {
  if (result instanceof Uint8Array) return { ticket: undefined, value: result, deliveries: 0 };
  if (!isList(result)) return undefined;
  const [about, value] = result;
  if (!(about instanceof Uint8Array)) return undefined;
  const reader = new ByteReader(about);
  const ticket = reader.varint();
  return value instanceof Uint8Array ? { ticket, value, deliveries: reader.varint() } : { ticket };
}

export function isGiven(answer: Given | Place): answer is Given {
  return 'value' in answer;
}

/** Whether a command about one ticket found that its sender holds the item. */
export function wasHeld(result: Accepted, position = 0): boolean {
  return isList(result) && result[position] === true;
}

/** The values that a command gave back. */
export function valuesIn(result: Accepted): Uint8Array[] {
  return isList(result) ? result.filter((outcome) => outcome instanceof Uint8Array) : [];
}

function isList(result: Accepted): result is Extract<Accepted, readonly unknown[]> {
  return Array.isArray(result);
}
