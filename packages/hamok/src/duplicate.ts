import { DuplicateMemberError } from '@hamok/raft';

/** What says that another process has this id: the engine's error as it is, a transport's as the cause of one. */
export function duplicateOf(id: string, error: unknown): DuplicateMemberError | undefined {
  if (error instanceof DuplicateMemberError) return error;
  if (!(error instanceof Error && 'code' in error && error.code === 'duplicate-peer')) return undefined;
  // A transport tells of two others that share an id, too.
  if ('peerId' in error && error.peerId !== id) return undefined;
  const duplicate = new DuplicateMemberError(id);
  duplicate.cause = error;
  return duplicate;
}
