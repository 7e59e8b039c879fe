import type { MemberId } from './consensus.js';

/** The id that a member was given, without its incarnation. */
export function idOf(member: MemberId): string {
  const at = member.lastIndexOf('@');
  return at < 0 ? member : member.slice(0, at);
}
