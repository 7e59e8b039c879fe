import { HamokMessage, MessageProtocol, MessageType } from '@hamok/messages';
import type { Entry } from '@hamok/raft';

/**
 * Whether collections see this entry, and its time: the engine's own they do not, nor those of the application, nor that by which a process says
 * that it goes on as a member.
 */
export function passesTime({ kind, data }: Entry): boolean {
  if (kind !== 'command') return false;
  const { protocol, type } = HamokMessage.fromBinary(data);
  return protocol === MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL && type !== MessageType.MEMBER_RUN_REQUEST;
}
