import { MessageType } from '@hamok/messages';
import type { StorageCommand } from '../replicated/command.js';
import { mapModel } from '../replicated/map-model.js';
import { MapState } from '../replicated/map-state.js';
import type { Result } from '../replicated/result.js';
import type { LogPosition, StorageModel } from '../replicated/storage-state.js';

/** A map that knows by what kind of command it was changed last: a storage tells a deletion from an eviction. */
export class ReplicatedEntries extends MapState {
  lastCommand: MessageType | undefined;

  override apply(command: StorageCommand, at: LogPosition): Result {
    this.lastCommand = command.type;
    return super.apply(asMapCommand(command), at);
  }
}

/** What maps take, and RESTORE_ENTRIES, which inserts. */
export const replicatedEntriesModel: StorageModel = {
  accepts: (command) => mapModel.accepts(asMapCommand(command)),
  create: (kind) => new ReplicatedEntries(kind),
};

function asMapCommand(command: StorageCommand): StorageCommand {
  const { type } = command;
  return type === MessageType.RESTORE_ENTRIES_REQUEST
    ? { ...command, type: MessageType.INSERT_ENTRIES_REQUEST }
    : command;
}
