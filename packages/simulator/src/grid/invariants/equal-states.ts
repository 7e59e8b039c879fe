import { Buffer } from 'node:buffer';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** States are compared at every index that this divides: what went apart stays apart. */
const every = 64;

/**
 * Two members that have applied the same index hold the same state, to the byte: contents, sessions with their results, waits,
 * holds, deadlines.
 */
export function equalStates(): GridInvariant {
  const name = 'state machine safety';
  const states = new Map<string, { readonly state: Buffer; readonly first: string }>();
  const compare = (process: Process, who: string, where: string, state: Buffer): void => {
    process.world.counters.statesCompared++;
    const known = states.get(where);
    if (known === undefined) {
      states.set(where, { state, first: who });
      return;
    }
    if (known.state.equals(state)) return;
    const difference = differenceOf(state, known.state);
    throw new Violation(name, `${who} holds another state at ${where} than ${known.first} ${difference}`);
  };
  return {
    name,
    source: 'Raft paper, figure 3; §5.4.3; architecture: "Determinism"',
    onApplied(process, { index }) {
      if (index % every !== 0) return;
      const where = `${process.gridId} ${index}`;
      const { world } = process;
      const who = `${process.name}, as ${process.member},`;
      stateOf(process).then(
        (state) => world.check(() => compare(process, who, where, state)),
        (error: unknown) => world.violate(error),
      );
    },
  };
}

/** What a snapshot would hold, cut now. */
async function stateOf({ hamok }: Process): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of hamok.raft?.stateMachine.snapshot?.() ?? []) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

const shown = 48;

/** Where two states go apart, and what is there to be read. */
function differenceOf(one: Buffer, other: Buffer): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const textOf = (state: Buffer): string =>
    state.toString('latin1', Math.max(0, at - shown), at + shown).replaceAll(/[^\x20-\x7e]+/g, ' ');
  return `from byte ${at} on: "${textOf(one)}" and "${textOf(other)}"`;
}
