import { CodecError, type HamokError, ListenerError } from './errors.js';

/** Runs what calls a program's listeners. What they throw, and values that cannot be decoded for them, are reported and go no further. */
export function callListeners(
  storageId: string,
  event: string,
  onError: (error: HamokError) => void,
  call: () => void,
): void {
  try {
    call();
  } catch (error) {
    onError(error instanceof CodecError ? error : new ListenerError(storageId, event, error));
  }
}
