/** What every error of this package is. `code` is stable, the message is not. */
export abstract class TransportError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option has a value that cannot work or is not safe. */
export class ConfigurationError extends TransportError {
  readonly code = 'configuration';
  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

/** `open` was called on a transport that is open or opening. */
export class AlreadyOpenError extends TransportError {
  readonly code = 'already-open';
  constructor() {
    super('The transport was opened before');
  }
}

/** The transport was closed before, or while, it was opened. */
export class ClosedError extends TransportError {
  readonly code = 'closed';
  constructor() {
    super('The transport is closed');
  }
}

/** Two live members use one id. The connection that was there first is kept. */
export class DuplicatePeerError extends TransportError {
  readonly code = 'duplicate-peer';
  constructor(readonly peerId: string) {
    super(`Two live members use the id ${JSON.stringify(peerId)}`);
  }
}
