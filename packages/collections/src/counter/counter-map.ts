import type { HamokMap } from '../map/hamok-map.js';
import type { SubmitOptions } from '../session/call.js';

export const sumKey = 'sum';
/** Who has it asks the others to let it go first. */
export const turnKey = 'turn';

/** How a counter is in the grid: the sum, and the name of whose turn it is where additions have met. */
export type CounterMap = HamokMap<string, number | string>;

/** 0 where nothing was added. */
export function sumIn(map: CounterMap): number {
  return Number(map.get(sumKey) ?? 0);
}

/** Waits for its answer however long it takes, and is never one too many. */
export const ownCall: SubmitOptions = { timeoutInMs: Number.POSITIVE_INFINITY, reserved: true };
