import { MessageType } from '@hamok/messages';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** Many times what leaders send under load, and what is answered at once after a pause. */
const mostOfAll = { within: 100, count: 5000 };
/** A round lasts 75 ms at least, by a clock that is half as fast again at most; a process may look for a grid, or enter one, more than once. */
const mostRequests = { within: 1000, count: 60 };

/** What was sent since a window of time began. */
interface Sent {
  since: number;
  count: number;
}

/** Messages answer something or break a silence: however bad the network, they do not breed. Who asks to be let in asks each once a round. */
export function noMessageStorm(): GridInvariant {
  const name = 'no message storm';
  const sentBy = new WeakMap<Process, Map<string, Sent>>();

  const count = (process: Process, what: string, most: typeof mostOfAll): void => {
    const { now } = process.world.queue;
    const kinds = sentBy.get(process) ?? new Map<string, Sent>();
    sentBy.set(process, kinds);
    const sent = kinds.get(what) ?? { since: now, count: 0 };
    kinds.set(what, sent);
    if (now - sent.since > most.within) Object.assign(sent, { since: now, count: 0 });
    if (++sent.count > most.count)
      throw new Violation(name, `${process.name} sent ${sent.count} ${what} in ${Math.ceil(now - sent.since)} ms`);
  };

  return {
    name,
    source: 'architecture, rules 3 and 5 (what is asked is repeated at an interval)',
    onSent(process, frame) {
      count(process, 'messages', mostOfAll);
      if (process.hasJoined) return;
      const { type, requestId, destinationId = 'all' } = frame();
      if (type === MessageType.MEMBERSHIP_REQUEST && requestId !== 'leave')
        count(process, `requests to be let in to ${destinationId}`, mostRequests);
    },
  };
}
