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

/** The address to listen on is taken by another socket. */
export class AddressInUseError extends TransportError {
  readonly code = 'address-in-use';
  constructor(
    readonly address: string,
    cause: Error,
  ) {
    super(`${address} is in use`, { cause });
  }
}

/** Listening failed, at the start or later, for a reason other than a taken address: see `cause`. */
export class ListenError extends TransportError {
  readonly code = 'listen-failed';
  constructor(
    readonly address: string,
    cause: Error,
  ) {
    super(`Cannot listen on ${address}: ${cause.message}`, { cause });
  }
}

/** Nothing answers at a peer's address. It is dialled again; told once until a connection succeeds or the failure changes. */
export class ConnectError extends TransportError {
  readonly code = 'connect-failed';
  constructor(
    readonly address: string,
    cause: Error,
  ) {
    super(`Cannot connect to ${address}: ${cause.message}`, { cause });
  }
}

export type HandshakeFailure =
  | 'grid-mismatch'
  | 'version-mismatch'
  | 'secret-mismatch'
  | 'malformed'
  | 'timeout'
  | 'tls'
  | 'closed';

/** The other end is not a member that may connect: another grid or version, another secret, or no member at all. */
export class HandshakeError extends TransportError {
  readonly code = 'handshake-failed';
  constructor(
    readonly reason: HandshakeFailure,
    readonly address: string,
    options?: ErrorOptions,
  ) {
    super(`Handshake with ${address} failed: ${reason}`, options);
  }
}

/** A peer announced a frame above `maxFrameBytes`, which cost it the connection. */
export class FrameTooLargeError extends TransportError {
  readonly code = 'frame-too-large';
  constructor(
    readonly bytes: number,
    readonly maxFrameBytes: number,
  ) {
    super(`A frame of ${bytes} bytes was announced, above the limit of ${maxFrameBytes}`);
  }
}

/** A peer sent what the protocol does not know, which cost it the connection. */
export class ProtocolError extends TransportError {
  readonly code = 'protocol';
}

/** An established connection broke: see `cause`, or the peer went silent. It is dialled again. */
export class ConnectionLostError extends TransportError {
  readonly code = 'connection-lost';
  constructor(
    readonly peerId: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`The connection to ${JSON.stringify(peerId)} was lost: ${problem}`, options);
  }
}

/** More waits to be sent to a peer than `maxQueuedBytes`; frames are refused until half of it is gone. Told once each time. */
export class PeerBusyError extends TransportError {
  readonly code = 'busy';
  constructor(readonly peerId: string) {
    super(`The queue to ${JSON.stringify(peerId)} is full`);
  }
}
