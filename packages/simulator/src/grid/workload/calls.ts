import type { OpenOperation } from '../../linearizability/index.js';
import type { Process } from '../world/process.js';

/** What became of a call. */
export type Ending = 'acknowledged' | 'refused' | 'unknown';

/**
 * Follows a call of a client until it ends: with its result, or with an error that says whether it may have happened. The process may
 * die before, and then nobody ever knows.
 */
export function follow<Result, Output>(
  process: Process,
  what: string,
  call: Promise<Result>,
  open: OpenOperation<Output> | undefined,
  outputOf: (result: Result) => Output,
): Promise<Ending> {
  const { world } = process;
  world.counters.calls++;
  return call.then(
    (result) => {
      if (process.isDead) return 'unknown';
      const output = outputOf(result);
      open?.returned(output, world.queue.now);
      world.counters.acknowledged++;
      world.note(() => `${process.name} ${what} -> ${output}`);
      return 'acknowledged';
    },
    (error: unknown) => {
      if (process.isDead) return 'unknown';
      const ending = mayHaveHappened(error) ? 'unknown' : 'refused';
      if (ending === 'refused') open?.refused();
      world.counters[ending]++;
      world.note(() => `${process.name} ${what} -> ${ending}: ${error}`);
      return ending;
    },
  );
}

function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof Error && 'mayHaveHappened' in error && error.mayHaveHappened === false);
}
