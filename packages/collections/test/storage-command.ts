import type { StorageCommand } from '../src/replicated/command.js';

export type CommandInit = Partial<StorageCommand> & Pick<StorageCommand, 'type'>;

/** A command as it is decoded, of a member's first call unless told otherwise. */
export function storageCommand(init: CommandInit): StorageCommand {
  return {
    member: 'a@1',
    sequence: 1,
    keys: [],
    values: [],
    prevValue: undefined,
    ttlInMs: undefined,
    revision: undefined,
    expectedEntries: undefined,
    leaseInMs: undefined,
    delayInMs: undefined,
    dedupId: undefined,
    maxDeliveries: undefined,
    tickets: [],
    backups: undefined,
    ...init,
  };
}
