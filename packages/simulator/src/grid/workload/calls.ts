import { Violation } from '../../invariants/invariant.js';
import type { OpenOperation } from '../../linearizability/index.js';
import { slowestClock } from '../faults/time.js';
import type { Process } from '../world/process.js';

/** How a call ended: `refused` is certain not to have happened, `unknown` may have, or may yet. */
export type Ending<Result> =
  | { readonly type: 'acknowledged'; readonly result: Result }
  | { readonly type: 'refused' | 'unknown' };

const unknown = { type: 'unknown' } as const;
const refused = { type: 'refused' } as const;

/** A call of a program that has not ended. */
export interface OpenCall {
  readonly process: Process;
  /** As traces name it. */
  readonly number: number;
  readonly what: string;
  /** When it was made, in virtual time. */
  readonly begin: number;
  /** By when it has to end, in virtual time. */
  limit: number;
  /** Written by it, and by no other call: whoever applies that knows the outcome. */
  readonly value: string | undefined;
  /** Its program was told that it certainly did nothing. */
  isRefused: boolean;
}

/** `c#1 #12 map get(a), asked at 40.0`. */
export function describeCall({ process, number, what, begin }: OpenCall): string {
  return `${process.name} #${number} ${what}, asked at ${begin.toFixed(1)}`;
}

/** What is known of a call: how long it may take, and what it alone writes. */
export interface CallFacts {
  readonly timeoutInMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly value?: string | undefined;
}

/** How long a call takes at most that does not say it (ms). */
const requestTimeout = 5000;
/** And how much longer where a grid has to be found first, of whose members nothing is known (ms). */
const discoveryTime = 5000;
/** How long it may take until a process has left, or is closed, that tried to leave before: that comes to its end first (ms). */
export const leavingAgainTakes = 2 * requestTimeout;

/**
 * Follows a call of a program until it ends: with its result, or with an error that says whether it may have happened. If the process
 * dies before, nobody ever knows, and this does not resolve.
 */
export function follow<Result>(
  process: Process,
  what: string,
  call: Promise<Result>,
  { timeoutInMs, signal, value }: CallFacts = {},
): Promise<Ending<Result>> {
  const { world } = process;
  const discovery = world.plan.founding === 'found' ? discoveryTime : 0;
  const limit = world.queue.now + (timeoutInMs ?? requestTimeout + discovery) / slowestClock;
  const kind = what.slice(0, what.search(/\(|$/));
  const number = ++world.counters.calls;
  world.note(() => `${process.name} #${number} ${what}`);
  const open: OpenCall = { process, number, what, begin: world.queue.now, limit, value, isRefused: false };
  world.calls.add(open);
  if (value !== undefined) world.writes.push(open);
  signal?.addEventListener('abort', () => {
    open.limit = Math.min(open.limit, world.queue.now);
  });
  return call.then(
    (result) => {
      world.calls.delete(open);
      world.operations.add(`${kind}: acknowledged`);
      world.note(() => `${process.name} #${number} ${what} -> ${JSON.stringify(result)}`);
      return { type: 'acknowledged', result };
    },
    (error: unknown) => {
      world.calls.delete(open);
      world.note(() => `${process.name} #${number} ${what} -> ${error}`);
      if (!isTyped(error)) world.violate(new Violation('calls end in time', `${describeCall(open)}: ${error}`));
      const ending = mayHaveHappened(error) ? unknown : refused;
      open.isRefused = ending === refused;
      world.operations.add(`${kind}: ${ending.type}`);
      return ending;
    },
  );
}

/** The same, and takes it down in a history. */
export async function record<Result, Output>(
  process: Process,
  what: string,
  open: OpenOperation<Output>,
  call: Promise<Result>,
  outputOf: (result: Result) => Output,
  facts: CallFacts = {},
): Promise<Ending<Result>> {
  const ending = await follow(process, what, call, facts);
  if (ending.type === 'refused') open.refused();
  else if (ending.type === 'acknowledged') open.returned(outputOf(ending.result), process.world.queue.now);
  return ending;
}

/** Errors of the product say by a code what happened. */
function isTyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof Error && 'mayHaveHappened' in error && error.mayHaveHappened === false);
}
