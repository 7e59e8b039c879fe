import { HamokError } from '@hamok/collections';

/** A value of the configuration, or of a call's parameters, makes no sense. `field` names it. Nothing was done. */
export class ConfigurationError extends HamokError {
  readonly code = 'configuration';

  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field}: ${problem}`);
  }
}

/** No grid was found, or it did not admit this member, in the time given. It goes on trying: call `join()` again to wait longer. */
export class JoinTimeoutError extends HamokError {
  readonly code = 'join-timeout';
}

/** No leader was known in the time given. */
export class LeaderTimeoutError extends HamokError {
  readonly code = 'leader-timeout';
}

/** The caller's signal ended the wait. `cause` is its reason. */
export class AbortedError extends HamokError {
  readonly code = 'aborted';
}

/** It takes part in a grid already: what it is to begin with has to be given before the start. */
export class RunningError extends HamokError {
  readonly code = 'running';
}

/** The program's listener of an event threw `cause`. Later listeners of that one event are skipped; other events and the grid are not affected. */
export class EventListenerError extends HamokError {
  readonly code = 'listener';

  constructor(event: string, cause: unknown) {
    super(`a listener of "${event}" threw`, { cause });
  }
}

/** What was given to `accept` is not a message of another member, or too large to be one. It was dropped. */
export class BadInputError extends HamokError {
  readonly code = 'bad-input';
}
