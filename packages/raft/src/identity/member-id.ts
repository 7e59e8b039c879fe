import { maxIncarnation } from './incarnation.js';

/**
 * A member of a grid: `${id}@${incarnation}`. A process that lost its Raft state comes back as another incarnation, which
 * is another member: it inherits no vote, no match and no session, so inside one grid a restart is a crash for good plus a new server.
 */
export type MemberId = string;

/** Names an incarnation of `id`: a whole number from 0 to `maxIncarnation`. */
export function memberId(id: string, incarnation: number): MemberId {
  return `${id}@${incarnation}`;
}

export function idOf(member: MemberId): string {
  return member.slice(0, member.lastIndexOf('@'));
}

export function incarnationOf(member: MemberId): number {
  return Number(member.slice(member.lastIndexOf('@') + 1));
}

/** Whether a string from outside names a member. */
export function isMemberId(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at <= 0) return false;
  const digits = text.slice(at + 1);
  return /^(0|[1-9][0-9]*)$/.test(digits) && Number(digits) <= maxIncarnation;
}
