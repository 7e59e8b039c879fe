import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BadMessageError } from '../errors.js';
import { type Message, MessageSchema } from '../gen/io/github/balazskreith/hamok/message_pb.js';

/** A message of the Java grid (hamok-java-core 1.0). Its `type` and `protocol` are free text; what the grid sends is listed here. */
export type JavaMessage = Message;
export const JavaMessageSchema = MessageSchema;

/** The types that hamok-java-core 1.0 sends. It ignores any other, and a message without one. */
export const javaMessageTypes = [
  'HELLO_NOTIFICATION',
  'ENDPOINT_STATES_NOTIFICATION',
  'STORAGE_SYNC_REQUEST',
  'STORAGE_SYNC_RESPONSE',
  'RAFT_VOTE_REQUEST',
  'RAFT_VOTE_RESPONSE',
  'RAFT_APPEND_ENTRIES_REQUEST_CHUNK',
  'RAFT_APPEND_ENTRIES_RESPONSE',
  'SUBMIT_REQUEST',
  'SUBMIT_RESPONSE',
  'CLEAR_ENTRIES_REQUEST',
  'CLEAR_ENTRIES_RESPONSE',
  'CLEAR_ENTRIES_NOTIFICATION',
  'GET_ENTRIES_REQUEST',
  'GET_ENTRIES_RESPONSE',
  'GET_SIZE_REQUEST',
  'GET_SIZE_RESPONSE',
  'GET_KEYS_REQUEST',
  'GET_KEYS_RESPONSE',
  'DELETE_ENTRIES_REQUEST',
  'DELETE_ENTRIES_RESPONSE',
  'DELETE_ENTRIES_NOTIFICATION',
  'REMOVE_ENTRIES_REQUEST',
  'REMOVE_ENTRIES_RESPONSE',
  'REMOVE_ENTRIES_NOTIFICATION',
  'EVICT_ENTRIES_REQUEST',
  'EVICT_ENTRIES_RESPONSE',
  'EVICT_ENTRIES_NOTIFICATION',
  'INSERT_ENTRIES_REQUEST',
  'INSERT_ENTRIES_RESPONSE',
  'INSERT_ENTRIES_NOTIFICATION',
  'UPDATE_ENTRIES_REQUEST',
  'UPDATE_ENTRIES_RESPONSE',
  'UPDATE_ENTRIES_NOTIFICATION',
] as const;
export type JavaMessageType = (typeof javaMessageTypes)[number];

/** The protocols of storage messages. Messages of the grid itself and of its consensus carry none. */
export const javaProtocols = ['replicated-storage', 'separated-storage', 'distributed-backup'] as const;
export type JavaProtocol = (typeof javaProtocols)[number];

/** A message with the fields of `init`; the others are absent. */
export function createJavaMessage(init?: MessageInitShape<typeof MessageSchema>): JavaMessage {
  return create(MessageSchema, init);
}

/**
 * Decodes a message and what is embedded in it, at most a hundred levels deep. Byte fields are views of `bytes`; unknown fields are
 * kept, and written by `encodeJavaMessage`.
 *
 * @throws BadMessageError when the bytes are not a message
 */
export function decodeJavaMessage(bytes: Uint8Array): JavaMessage {
  try {
    return fromBinary(MessageSchema, bytes);
  } catch (cause) {
    throw new BadMessageError('not a message of the Java grid', { cause });
  }
}

/**
 * Encodes a message as the Java grid does: ascending field numbers, then unknown fields. It keeps no promise that a Java node survives the
 * message: one without a `sourceId` that is a UUID deafens it.
 *
 * @throws BadMessageError when a value does not fit its field
 */
export function encodeJavaMessage(message: JavaMessage): Uint8Array {
  try {
    return toBinary(MessageSchema, message);
  } catch (cause) {
    throw new BadMessageError('not a message for the Java grid', { cause });
  }
}
