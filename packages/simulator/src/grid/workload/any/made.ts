import type { CallOptions } from 'hamok';
import type { SeededRandom } from '../../../random.js';
import { unsaid } from '../../invariants/answers-of-calls.js';
import type { Asked } from '../../invariants/commands-of-calls.js';
import type { Process } from '../../world/process.js';
import type { CallFacts } from '../calls.js';
import type { Values } from '../values.js';

/** Who calls, and what with. */
export interface Caller {
  readonly process: Process;
  readonly random: SeededRandom;
  readonly options: CallOptions;
  readonly values: Values;
}

/** A call, with its name; what is known of it, where it is not what it was given as options alone; and what it has to ask for. */
export type Made = readonly [what: string, call: Promise<unknown>, facts?: CallFacts, asked?: Asked];

/** A call that tells its caller nothing of what it found. */
export async function silent(call: Promise<unknown>): Promise<typeof unsaid> {
  await call;
  return unsaid;
}

/** As the collections encode it. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}
