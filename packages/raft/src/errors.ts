/** Every error of this package: `code` is stable, and `mayHaveHappened` says whether the change may be in the log, now or later. */
export class RaftError extends Error {
  readonly code: string;
  readonly mayHaveHappened: boolean;

  constructor(code: string, message: string, options: { mayHaveHappened?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.mayHaveHappened = options.mayHaveHappened ?? false;
  }
}

/** An option has a value that makes no sense. `field` names it. */
export class ConfigurationError extends RaftError {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super('configuration', `${field}: ${message}`);
  }
}

/**
 * The proposal is certainly not in the log: a retry is safe. `reason` says why: `not-leader`, `leader-changed`, `no-leader`,
 * `transfer-in-progress`, `not-a-member`, `unreachable` (the transport did not take it), `stopped`, or the code with which the state machine refused it.
 */
export class NotCommittedError extends RaftError {
  constructor(readonly reason: string) {
    super('not-committed', `not committed: ${reason}`);
  }
}

/** The outcome is not known: the proposal may be in the log, now or later. */
export class IndeterminateError extends RaftError {
  constructor(reason: string, cause?: unknown) {
    super('indeterminate', `the outcome is not known: ${reason}`, { mayHaveHappened: true, cause });
  }
}

/** A bound was reached (see LIMITS.md): try again later. */
export class BusyError extends RaftError {
  constructor(limit: string) {
    super('busy', `${limit} reached`);
  }
}

export class TooLargeError extends RaftError {
  constructor(bytes: number, limit: number) {
    super('too-large', `${bytes} bytes, where at most ${limit} are allowed`);
  }
}

/** Only the leader can do it; `leaderId` says who that is, if it is known. */
export class NotLeaderError extends RaftError {
  constructor(readonly leaderId: string | undefined) {
    super('not-leader', leaderId === undefined ? 'no leader is known' : `${leaderId} leads`);
  }
}

/** No leader, or no majority, in the time given. Nothing was changed. */
export class UnavailableError extends RaftError {
  constructor(reason: string) {
    super('unavailable', reason);
  }
}

/** The node was stopped, or not started. */
export class ClosedError extends RaftError {
  constructor() {
    super('closed', 'the node is not running');
  }
}

/** What has no code of this package stopped the member for good (a state machine that threw, a broken rule): it is the `cause`. */
export class MemberFailedError extends RaftError {
  constructor(cause: unknown) {
    super('member-failed', `the member failed: ${String(cause)}`, { cause });
  }
}

/** What a member that stopped for good refuses calls with. */
export function failureOf(error: unknown): RaftError {
  return error instanceof RaftError ? error : new MemberFailedError(error);
}

/** Another live process has this id, or a higher incarnation of it is known. */
export class DuplicateMemberError extends RaftError {
  constructor(id: string) {
    super('duplicate-member', `another process takes part as ${id}`);
  }
}

/**
 * A member does not hold any more what it acknowledged: its disk lost it, or was put back to an earlier time. The leader tells; the member
 * discards its state, and comes back as a new incarnation.
 */
export class ForgetfulMemberError extends RaftError {
  constructor(
    /** As `id@incarnation`. */
    readonly member: string,
  ) {
    super(
      'forgetful-member',
      `${member} does not hold any more what it acknowledged, and returns as a new incarnation`,
    );
  }
}

/** Another grid with this name was met. The two do not merge. */
export class GridConflictError extends RaftError {
  constructor(readonly gridIds: readonly string[]) {
    super('grid-conflict', `grids met that do not merge: ${gridIds.join(', ')}`);
  }
}

/**
 * What a log store holds does not fit this member, what its log begins behind is not among the snapshots, or a state to begin with is one
 * that no grid can have had. Nothing was changed.
 */
export class StoredStateError extends RaftError {
  constructor(message: string) {
    super('stored-state', message);
  }
}

/**
 * A segment of a log holds, at an offset, what no crash leaves: it was changed, cut or exchanged after it was written. Nothing was
 * repaired, for what is gone may have been promised; where the others are whole, empty the directory, and the member joins anew.
 */
export class LogDamagedError extends RaftError {
  constructor(
    readonly file: string,
    /** In bytes from the beginning of the file. */
    readonly offset: number,
    readonly problem: string,
  ) {
    super('log-damaged', `${file} is damaged at ${offset}: ${problem}`);
  }
}

/** A segment of a log is of a later release. */
export class LogVersionError extends RaftError {
  constructor(
    readonly file: string,
    readonly version: number,
    known: number,
  ) {
    super('log-version', `${file} has version ${version}, and this release knows ${known}`);
  }
}

/** Another live process has the directory of the log. */
export class LogLockedError extends RaftError {
  constructor(readonly directory: string) {
    super('log-locked', `another process uses ${directory}`);
  }
}

/** The disk failed a write of the log. What it holds is not known any more: the member stopped, and acknowledged nothing since. */
export class LogFailedError extends RaftError {
  constructor(directory: string, cause: unknown) {
    super('log-failed', `the log in ${directory} cannot be written: ${String(cause)}`, { cause });
  }
}

/** A frame from outside is not what it claims to be. */
export class BadFrameError extends RaftError {
  constructor(message: string, cause?: unknown) {
    super('bad-frame', message, { cause });
  }
}
