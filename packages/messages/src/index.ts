export type { Dialect } from './dialect.js';
export { dialectOf } from './dialect.js';
export {
  HamokMessage_MessageProtocol,
  HamokMessage_MessageType,
  MessageProtocol,
  MessageType,
  StorageKind,
} from './enums.js';
export { BadMessageError } from './errors.js';
export type { HamokMessageInit } from './hamok-message.js';
export { HamokMessage } from './hamok-message.js';
export { messageTypeOf } from './peek.js';
