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
  const states = new Map<string, { readonly state: Uint8Array; readonly first: string }>();
  const compare = (process: Process, who: string, where: string, state: Uint8Array): void => {
    process.world.counters.statesCompared++;
    const known = states.get(where);
    if (known === undefined) {
      states.set(where, { state, first: who });
      return;
    }
    const at = firstDifference(state, known.state);
    if (at === undefined) return;
    const texts = `"${textAround(state, at)}" and "${textAround(known.state, at)}"`;
    throw new Violation(
      name,
      `${who} holds another state at ${where} than ${known.first} from byte ${at} on: ${texts}`,
    );
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
async function stateOf({ hamok }: Process): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of hamok.raft?.stateMachine.snapshot?.() ?? []) chunks.push(chunk.slice());
  const state = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    state.set(chunk, at);
    at += chunk.byteLength;
  }
  return state;
}

/** Where two states go apart; undefined where they do not. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  for (let at = 0; at < Math.max(one.length, other.length); at++) if (one[at] !== other[at]) return at;
  return undefined;
}

const shown = 48;
const latin1 = new TextDecoder('latin1');

/** What is there to be read around a place. */
function textAround(state: Uint8Array, at: number): string {
  const near = state.subarray(Math.max(0, at - shown), at + shown);
  return latin1.decode(near).replaceAll(/[^\x20-\x7e]+/g, ' ');
}
