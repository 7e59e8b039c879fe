export {
  HamokMessage_MessageProtocol,
  HamokMessage_MessageProtocol as MessageProtocol,
  HamokMessage_MessageType,
  HamokMessage_MessageType as MessageType,
  HamokMessage_StorageKind as StorageKind,
} from './gen/io/github/hamok/dev/schema/hamok_message_pb.js';
