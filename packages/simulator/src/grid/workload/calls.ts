import type { OpenOperation } from '../../linearizability/index.js';
import type { Process } from '../world/process.js';

/** How a call ended: `refused` is certain not to have happened, `unknown` may have, or may yet. */
export type Ending<Result> =
  | { readonly type: 'acknowledged'; readonly result: Result }
  | { readonly type: 'refused' | 'unknown' };

const unknown = { type: 'unknown' } as const;
const refused = { type: 'refused' } as const;

/**
 * Follows a call of a program until it ends: with its result, or with an error that says whether it may have happened. If the process
 * dies before, nobody ever knows, and this does not resolve.
 */
export function follow<Result>(process: Process, what: string, call: Promise<Result>): Promise<Ending<Result>> {
  const { world } = process;
  const kind = what.slice(0, what.search(/\(|$/));
  const number = ++world.counters.calls;
  world.note(() => `${process.name} #${number} ${what}`);
  const open = { process, what };
  world.calls.add(open);
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
      const ending = mayHaveHappened(error) ? unknown : refused;
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
): Promise<Ending<Result>> {
  const ending = await follow(process, what, call);
  if (ending.type === 'refused') open.refused();
  else if (ending.type === 'acknowledged') open.returned(outputOf(ending.result), process.world.queue.now);
  return ending;
}

function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof Error && 'mayHaveHappened' in error && error.mayHaveHappened === false);
}
