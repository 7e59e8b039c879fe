import type { MemberId } from '@hamok/raft';
import type { Command } from './command.js';

/** The name of an event, and what listeners are called with. */
export type Told = readonly [event: string, ...args: unknown[]];

/** Where an entry is in the log, in index and log time. */
export interface Place {
  readonly index: number;
  readonly time: number;
}

/** One collection, in the plainest form that does what its commands say. */
export interface Collection {
  /** Whatever is due by then happens, one after another. */
  pass(place: Place): Told[];
  apply(command: Command, member: MemberId, place: Place, members: ReadonlySet<MemberId>): Told[];
  /** Only these are members from now on. */
  membersChanged?(members: ReadonlySet<MemberId>): Told[];
  /** What an entry did is complete: what there is to be told of all of it together. */
  settle?(): Told[];
  /** What programs can read of it, ready for JSON. */
  readonly contents: unknown;
}

export function parsed(encoded: string): unknown {
  return JSON.parse(encoded);
}
