import { type Invariant, Violation } from './invariant.js';

/** How often a leader sent one follower the first entry that it is not known to hold, since when. */
interface Repetition {
  readonly matchIndex: number;
  readonly since: number;
  count: number;
}

const mostPerHeartbeat = 25;

/** What a follower does not take is not sent to it over and over: beyond a few tries, only heartbeats ask again. */
export function noRepetition(): Invariant {
  const name = 'nothing is sent over and over';
  const links = new Map<string, Repetition>();
  return {
    name,
    source: 'Raft paper §5.3 (AppendEntries is retried); thesis §10.2.1 (one at a time where the log is not known)',
    onSend(message, { cluster, core }) {
      if (message.type !== 'append-request') return;
      const first = message.entries[0]?.index;
      const matchIndex = core.progress.get(message.to)?.matchIndex;
      if (matchIndex === undefined || first !== matchIndex + 1) return;
      const link = `${message.from}>${message.to}`;
      const { now } = cluster.queue;
      const before = links.get(link);
      if (before?.matchIndex !== matchIndex || now - before.since > core.timing.heartbeatInMs) {
        links.set(link, { matchIndex, since: now, count: 1 });
      } else if (++before.count > mostPerHeartbeat) {
        throw new Violation(
          name,
          `${link} carried ${first} ${before.count} times within ${(now - before.since).toFixed(1)} ms`,
        );
      }
    },
  };
}
