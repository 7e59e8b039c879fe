import { HamokMessage, MessageType } from '@hamok/messages';
import type { Entry } from '@hamok/raft';

/** Whether collections see this entry, and its time: the engine's own they do not, nor by which a process says that it goes on as a member. */
export function passesTime({ kind, data }: Entry): boolean {
  return kind === 'command' && HamokMessage.fromBinary(data).type !== MessageType.MEMBER_RUN_REQUEST;
}
