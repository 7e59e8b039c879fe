/** Bytes that are not a message, or a message with a value that the wire does not allow. */
export class BadMessageError extends Error {
  override readonly name = 'BadMessageError';
  readonly code = 'bad-message';
}
