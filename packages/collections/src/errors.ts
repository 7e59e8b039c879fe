import type { MemberId } from './consensus.js';

/** The base of every error that the collections hand to a caller. */
export abstract class HamokError extends Error {
  /** Stable, for programs: compare this, not the message, nor the class (a process may hold two copies of a package). */
  abstract readonly code: string;
  /** True when the change may have been made, or may still be. A retry of such a call is a new change. */
  readonly mayHaveHappened: boolean;

  constructor(message: string, options?: { readonly mayHaveHappened?: boolean; readonly cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.mayHaveHappened = options?.mayHaveHappened ?? false;
  }
}

/** The change was certainly not made: calling again is safe. */
export class NotCommittedError extends HamokError {
  readonly code = 'not-committed';

  /** @param reason the code of the refusal, where there was one. */
  constructor(
    message: string,
    readonly reason?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The wait ended before the outcome was known: the change may have been made, or may still be. */
export class IndeterminateError extends HamokError {
  readonly code = 'indeterminate';

  constructor(message: string, cause?: unknown) {
    super(message, { mayHaveHappened: true, cause });
  }
}

/**
 * More changes wait for their outcome than may: more than `maxInFlight` of this member, as many as a remote map keeps for its leader, or
 * so many calls of a storage of the grid.
 */
export class BusyError extends HamokError {
  readonly code = 'busy';

  constructor(
    readonly maxInFlight: number,
    what = `more than ${maxInFlight} changes in flight`,
  ) {
    super(what);
  }
}

/** The encoded change, or a key or value of it, exceeds the bytes that it may have. It was not sent. */
export class TooLargeError extends HamokError {
  readonly code = 'too-large';

  constructor(
    readonly bytes: number,
    /** What was allowed. */
    readonly maxCommandBytes: number,
    what = 'change',
  ) {
    super(`a ${what} of ${bytes} bytes, where ${maxCommandBytes} are allowed`);
  }
}

/** The collection, or everything it lives in, was closed. */
export class ClosedError extends HamokError {
  readonly code = 'closed';

  constructor(what: string, mayHaveHappened = false) {
    super(`${what} is closed`, { mayHaveHappened });
  }
}

/** The id belongs to a collection of another kind: one id names one kind, on every member. */
export class StorageKindError extends HamokError {
  readonly code = 'storage-kind';

  constructor(
    readonly storageId: string,
    readonly asked: string,
    readonly found: string,
  ) {
    super(`"${storageId}" is a ${found}, not a ${asked}`);
  }
}

/** The storage has another number of backups: those who take part in it have the same, which the first of them decided. */
export class BackupsError extends HamokError {
  readonly code = 'backups';

  constructor(
    readonly storageId: string,
    readonly asked: number,
    readonly found: number,
  ) {
    super(`"${storageId}" has backups: ${found}, not ${asked}`);
  }
}

/** This member has created a collection with that id already. `getOrCreate…` attaches to it. */
export class StorageExistsError extends HamokError {
  readonly code = 'storage-exists';

  constructor(readonly storageId: string) {
    super(`"${storageId}" exists already`);
  }
}

/** A key or a value that its codec cannot encode or decode. `cause` is what the codec threw. */
export class CodecError extends HamokError {
  readonly code = 'codec';
}

/** An option, or an argument, with a value that it cannot have. `field` names it. */
export class OptionError extends HamokError {
  readonly code = 'option';

  constructor(
    readonly field: string,
    message: string,
  ) {
    super(`${field}: ${message}`);
  }
}

/** The grid refused a command that it cannot carry out: it is malformed, or names what this version does not have. */
export class BadCommandError extends HamokError {
  readonly code = 'bad-command';
}

/** A committed command of a newer version: this member must stop, for skipping it would make its state another one. */
export class UnsupportedCommandError extends HamokError {
  readonly code = 'unsupported-command';

  constructor(
    readonly version: number,
    readonly index: number,
  ) {
    super(`the command at ${index} has version ${version}, which this member does not know`);
  }
}

/** Bytes that are not a snapshot, or one that is incomplete or of another version. */
export class BadSnapshotError extends HamokError {
  readonly code = 'bad-snapshot';
}

/** What was to be watched is not retained here (any more). `resumeFrom` is the lowest revision from which this member can tell everything. */
export class WatchGapError extends HamokError {
  readonly code = 'watch-gap';

  constructor(
    /** `not-retained`: asked for too late; `too-slow`: read too slowly; `restored`: this member skipped changes, taking over a snapshot. */
    readonly reason: 'not-retained' | 'too-slow' | 'restored',
    readonly resumeFrom: number,
  ) {
    super(`changes are missing (${reason}): read the map, and watch from revision ${resumeFrom} on`);
  }
}

/** A lock or a permit is not held any more. The reason of the signal of its `Hold`. */
export class HoldLostError extends HamokError {
  readonly code = 'hold-lost';

  constructor(
    storageId: string,
    /** `not-renewed`: the grid did not answer in time; `expired`: its lease ended in the grid; `removed`: something else took it away. */
    readonly reason: 'not-renewed' | 'expired' | 'removed',
  ) {
    super(`what was held of "${storageId}" is lost: ${reason}`);
  }
}

/** Some parts of a batch that was not atomic were made, or may have been, and not all. `cause` is why the first of the others was not. */
export class PartialBatchError extends HamokError {
  readonly code = 'partial-batch';

  constructor(
    readonly made: number,
    readonly parts: number,
    cause: unknown,
  ) {
    super(`${made} of ${parts} parts were made`, { mayHaveHappened: true, cause });
  }
}

/** Nobody confirmed in time that what is here is current. `cause` is what the engine said. */
export class UnavailableError extends HamokError {
  readonly code = 'unavailable';
}

/** The program's function could not merge the versions of a key. `cause` is what it threw. */
export class MergeError extends HamokError {
  readonly code = 'merge';
}

/**
 * A call of a storage whose entries live on the members has no result because of some of them: they did not answer, or did not acknowledge
 * what those had to tell them who were asked. `members` has their ids. Who says that it works on the call, or waits for others, which all do
 * every second, is not named; a wait of less than about two seconds cannot tell them apart.
 */
export class MissingMembersError extends HamokError {
  readonly code = 'missing-members';

  constructor(
    storageId: string,
    readonly members: readonly MemberId[],
    mayHaveHappened: boolean,
  ) {
    super(`"${storageId}": no answer from ${members.join(', ')}`, { mayHaveHappened });
  }
}

/**
 * The storage behind a remote map did not make a change, or did not answer a read. Of a change the leader's storage is meant, which may be
 * on another member: what it said is in the message. Or the storage of its own that a replicated storage has is behind.
 */
export class StorageFailedError extends HamokError {
  readonly code = 'storage-failed';

  /** @param reason the code of the storage's error; `timeout`, `codec`, `too-large` of what the leader found; `unknown` where there is none. */
  constructor(
    message: string,
    readonly reason: string,
    mayHaveHappened: boolean,
    cause?: unknown,
  ) {
    super(message, { mayHaveHappened, cause });
  }
}

/**
 * The database behind a storage was not reached, did not answer in time, or refused. `mayHaveHappened` says whether the change may have
 * been made, or may still be; what is known not to have been made is told by no event. `cause` is what the database's client said.
 */
export class StorageUnavailableError extends HamokError {
  readonly code = 'storage-unavailable';

  constructor(message: string, mayHaveHappened: boolean, cause?: unknown) {
    super(message, { mayHaveHappened, cause });
  }
}

/**
 * A listener of a collection's event threw. The state, and later events, are not affected. The listeners that were added behind it
 * are not called for this one event, as is usual with emitters; those that `subscribe` added to a replicated emitter are.
 */
export class ListenerError extends HamokError {
  readonly code = 'listener';

  constructor(storageId: string, event: string, cause: unknown) {
    super(`a listener of "${event}" of "${storageId}" threw`, { cause });
  }
}

/** The code of an engine's rejection, whichever package its class comes from. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an engine's rejection says that the command is not in the log, and will not be. */
export function isCertain(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return codeOf(error) === 'not-committed' || ('mayHaveHappened' in error && error.mayHaveHappened === false);
}

/** Why the leader refused, when the rejection says so. */
export function reasonOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('reason' in error)) return undefined;
  return typeof error.reason === 'string' ? error.reason : undefined;
}

/** Whether a session ended before it had proposed the change: another session can. */
export function isSessionClosed(error: unknown): boolean {
  return codeOf(error) === 'not-committed' && reasonOf(error) === 'session-closed';
}

export function sessionClosed(member: MemberId, exposed: boolean, cause?: unknown): HamokError {
  const message = `${member} is not a member any more`;
  return exposed ? new IndeterminateError(message, cause) : new NotCommittedError(message, 'session-closed', cause);
}
