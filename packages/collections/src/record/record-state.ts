import { MessageType } from '@hamok/messages';
import { equalBytes } from '../bytes/byte-string.js';
import type { StorageCommand } from '../replicated/command.js';
import { mapModel } from '../replicated/map-model.js';
import { MapState } from '../replicated/map-state.js';
import type { Result } from '../replicated/result.js';
import type { LogPosition, StorageModel } from '../replicated/storage-state.js';

/** A map whose fields can also be changed together on condition of others. */
export class RecordState extends MapState {
  override apply(command: StorageCommand, at: LogPosition): Result {
    if (command.type !== MessageType.UPDATE_ENTRIES_IF_REQUEST) return super.apply(command, at);
    const { keys, values, expectedEntries = 0 } = command;
    for (let i = 0; i < expectedEntries; i++) if (!this.#holds(keys[i], values[i])) return false;
    super.apply(
      {
        ...command,
        type: MessageType.UPDATE_ENTRIES_REQUEST,
        keys: keys.slice(expectedEntries),
        values: values.slice(expectedEntries),
        prevValue: undefined,
      },
      at,
    );
    return true;
  }

  #holds(key: Uint8Array | undefined, expected: Uint8Array | undefined): boolean {
    const held = key && this.slot(key)?.current?.value;
    return held !== undefined && expected !== undefined && equalBytes(held, expected);
  }
}

/** What maps take, and UPDATE_ENTRIES_IF: the expected entries first, then those to set. */
export const recordModel: StorageModel = {
  accepts(command) {
    const { type, keys, values, expectedEntries = 0 } = command;
    if (type !== MessageType.UPDATE_ENTRIES_IF_REQUEST) return mapModel.accepts(command);
    return keys.length > 0 && keys.length === values.length && expectedEntries >= 0 && expectedEntries <= keys.length;
  },
  create: (kind) => new RecordState(kind),
};
