import { MessageType } from '@hamok/messages';
import { isConditional, MapState } from './map-state.js';
import type { StorageModel } from './storage-state.js';

/** Commands of maps: a value for each key where values are written; a condition concerns one key, and is one. */
export const mapModel: StorageModel = {
  accepts(command) {
    const { type, keys, values, prevValue, revision, ttlInMs } = command;
    if (ttlInMs !== undefined && ttlInMs < 1) return false;
    if (isConditional(command) && keys.length !== 1) return false;
    switch (type) {
      case MessageType.UPDATE_ENTRIES_REQUEST:
        return keys.length > 0 && keys.length === values.length && (prevValue === undefined || revision === undefined);
      case MessageType.INSERT_ENTRIES_REQUEST:
        return keys.length > 0 && keys.length === values.length && !isConditional(command);
      case MessageType.REMOVE_ENTRIES_REQUEST:
        return keys.length > 0 && revision === undefined;
      case MessageType.DELETE_ENTRIES_REQUEST:
      case MessageType.TOUCH_ENTRIES_REQUEST:
        return keys.length > 0 && !isConditional(command);
      default:
        return type === MessageType.CLEAR_ENTRIES_REQUEST;
    }
  },
  create: (kind) => new MapState(kind),
};
