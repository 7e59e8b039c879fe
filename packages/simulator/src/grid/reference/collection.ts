import type { MemberId } from '@hamok/raft';
import type { Command } from './command.js';

/** The name of an event, and what listeners are called with. */
export type Told = readonly [event: string, ...args: unknown[]];

/** Where an entry is in the log, in index and log time. */
export interface Place {
  readonly index: number;
  readonly time: number;
}

/** What was found at a key: its value, encoded, null where there is none; or whether something was done there. */
export type Outcome = string | boolean | null;

/** One collection, in the plainest form that does what its commands say. */
export interface Collection {
  /** Whatever is due by then happens, one after another. */
  pass(place: Place): Told[];
  apply(command: Command, member: MemberId, place: Place, members: ReadonlySet<MemberId>): Told[];
  /** What who asks is told, asked before it is carried out: of each key, or of each item; undefined where that comes later, or is nothing. */
  outcomesOf(command: Command, member: MemberId, members: ReadonlySet<MemberId>): readonly Outcome[] | undefined;
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
