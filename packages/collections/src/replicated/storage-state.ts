import type { StorageKind } from '@hamok/messages';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import type { MemberId } from '../consensus.js';
import type { LeaderCommand, StorageCommand } from './command.js';
import type { Result } from './result.js';

/** Where in the log a command stands. */
export interface LogPosition {
  readonly index: number;
  /** Log time in ms. */
  readonly time: number;
}

/** Who is a member where a command stands. */
export interface Members {
  has(member: MemberId): boolean;
}

/**
 * The content of a storage at one moment, which later changes do not reach. Cutting costs no more than a copy of the list of what is
 * in it, for nothing else happens meanwhile; the content is written piece by piece, each position once, in order.
 */
export interface StateCut {
  readonly count: number;
  write(position: number, writer: ByteWriter): void;
  /** It is written, or not wanted any more. Without it, there is nothing to let go of. */
  close?(): void;
}

/**
 * The replicated state of one storage: bytes only, the same on every member, whether or not a facade looks at it.
 * It must not read a clock, call a codec or user code, or depend on anything but the commands.
 */
export interface StorageState {
  readonly kind: StorageKind;
  /** How much is in it: entries of a map, items of a queue that are no dead letters, events with subscribers. */
  readonly size: number;
  /** The earliest deadline in it, in ms of log time; `Infinity` while nothing in it becomes due. `Deadlines` keeps such things. */
  readonly nextDeadline: number;
  /** Carries out a command that `StorageModel.accepts`. Whatever was due at its time has been carried out before. */
  apply(command: StorageCommand, at: LogPosition, members: Members): Result;
  /** Carries out what the leader says. Only it checks what that is; without this, leaders have nothing to say to it. */
  applyFromLeader?(command: LeaderCommand, at: LogPosition): void;
  /** Carries out the one thing that is due next, at a position whose time has reached `nextDeadline`, which changes thereby. */
  expireNext(at: LogPosition): void;
  /** These are the members from that index on: what it holds for others ends. Without it, nothing is held for members. */
  membersChanged?(members: ReadonlySet<MemberId>, index: number): void;
  /** Tells the observer what the last command changed, and what had become due before it: only then may user code run. */
  publish(): void;
  cut(): StateCut;
  /** Takes in one record that a cut wrote, in the same order. */
  restore(record: ByteReader): void;
}

/** One kind of storage. */
export interface StorageModel {
  /** Whether a command means something to this kind, whatever the content is. */
  accepts(command: StorageCommand): boolean;
  create(kind: StorageKind): StorageState;
}
