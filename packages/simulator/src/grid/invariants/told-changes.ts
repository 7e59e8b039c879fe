import type { HamokMapChange } from 'hamok';

/** What events of a map told, or a watch of it gave. */
export type Change = HamokMapChange<string, string>;

/** That a watch ends with, where it cannot go on. */
export interface Gap extends Error {
  readonly resumeFrom: number;
  readonly reason: string;
}

export function isGap(error: unknown): error is Gap {
  return error instanceof Error && 'resumeFrom' in error && typeof error.resumeFrom === 'number' && 'reason' in error;
}

/** Drops what events told before a revision: no watch will give it. */
export function forgetBefore(told: Change[], first: number): void {
  told.push(...told.splice(0).filter(({ revision }) => revision >= first));
}

/** The same where a gap is heard of at once. A map that begins anew has nothing of before, though its revisions return. */
export function forgetBehind(told: Change[], { resumeFrom }: Gap): void {
  forgetBefore(told, resumeFrom === 0 ? Number.POSITIVE_INFINITY : resumeFrom);
}

export function textOf(change: Change | undefined): string {
  return JSON.stringify(change && Object.entries(change).sort(([a], [b]) => (a < b ? -1 : 1)));
}
