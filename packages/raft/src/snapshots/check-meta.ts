import { hasPossibleMost, membersOf } from '../core/configuration.js';
import { StoredStateError } from '../errors.js';
import { idOf, isMemberId } from '../identity/member-id.js';
import type { SnapshotMeta } from '../ports/snapshot-store.js';

/** Indexes, terms and times go on from where a state stands. */
const largest = 2 ** 52;

/**
 * A state comes from a file, or from anyone's store: what it says of itself goes into frames and into the log.
 * @throws {StoredStateError} where no grid can have had it
 */
export function checkMeta({ gridId, position, configuration }: SnapshotMeta): void {
  const members = membersOf(configuration);
  const stranger = members.find((member) => !isMemberId(member));
  if (stranger !== undefined) throw new StoredStateError(`a state of ${stranger}, which is not a member`);
  if (new Set(members.map(idOf)).size !== members.length)
    throw new StoredStateError('a state that names a member twice');
  if (!hasPossibleMost(configuration))
    throw new StoredStateError(
      `a state of ${configuration.voters.length} voters of ${configuration.mostVoters} at the most`,
    );
  if (gridId === '') throw new StoredStateError('a state of a grid without an id');
  for (const [field, value] of Object.entries(position))
    if (!(Number.isSafeInteger(value) && value >= 0 && value < largest))
      throw new StoredStateError(`a state whose ${field} is ${value}`);
}
