/**
 * Calls of one storage that somebody waits for on a member; and as many that nobody waits for any more, because of each member that is
 * silent: LIMITS.md.
 */
export const mostCalls = 65_536;
