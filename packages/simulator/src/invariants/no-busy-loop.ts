import { type Invariant, Violation } from './invariant.js';

const mostPerMs = 6;
const mostAtOnce = 10_000;

/** A timer that fired is set anew, into the future: nobody is woken again and again for nothing. */
export function noBusyLoop(): Invariant {
  const name = 'no busy loop';
  let steps = 0;
  return {
    name,
    source: 'Raft paper §5.2 (a timer is reset when it has fired); many times what the workload needs',
    onTurn({ id, cluster }) {
      const { now } = cluster.queue;
      if (++steps > mostAtOnce + mostPerMs * now)
        throw new Violation(name, `${steps} steps in ${Math.floor(now)} ms, the last by ${id}`);
    },
  };
}
