import { type Invariant, Violation } from './invariant.js';

const mostPerMs = 6;
const mostAtOnce = 10_000;

/** Messages answer something or break a silence: however bad the network, they do not breed. */
export function noMessageStorm(): Invariant {
  const name = 'no message storm';
  let sent = 0;
  return {
    name,
    source: 'Raft paper §5.3 (one append under way where the log is not known); many times what the workload needs',
    onSend(_, { cluster }) {
      const { now } = cluster.queue;
      if (++sent > mostAtOnce + mostPerMs * now) throw new Violation(name, `${sent} messages in ${Math.floor(now)} ms`);
    },
  };
}
