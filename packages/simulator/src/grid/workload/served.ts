import { Violation } from '../../invariants/invariant.js';
import { eventually } from '../liveness/eventually.js';
import type { Process } from '../world/process.js';
import type { Ending } from './calls.js';

/** A call that has to be carried out, since nothing is broken any more. Returns its result. */
export async function served<Result>(process: Process, what: string, call: Promise<Ending<Result>>): Promise<Result> {
  let ending: Ending<Result> | undefined;
  void call.then((ended) => {
    ending = ended;
  });
  const name = `a ${what} at ${process.name}`;
  await eventually(process.world, name, 10, () => (ending === undefined ? 'no answer' : undefined));
  const ended = await call;
  if (ended.type !== 'acknowledged') throw new Violation('liveness', `${name} was ${ended.type}`);
  return ended.result;
}
