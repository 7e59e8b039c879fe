import { Links } from '../world/links.js';
import { about, type Invariant, Violation } from './invariant.js';

/** How often a leader sent one follower the first entry that it is not known to hold, since when. */
interface Repetition {
  readonly matchIndex: number;
  readonly since: number;
  count: number;
}

/** What was sent ahead on a link in a term: up to where. */
interface Ahead {
  readonly term: number;
  readonly upTo: number;
}

/** The first entry of the last probe, and when it was sent by the leader's clock. */
interface Probe {
  readonly first: number;
  readonly at: number;
}

const mostPerHeartbeat = 25;
const toleranceInMs = 1;

/**
 * What a follower does not take is not sent to it over and over: beyond a few tries, only heartbeats ask again. What is sent ahead is sent
 * once, a probe once a heartbeat, and a snapshot again only to who took one; and nothing that a follower is known to hold.
 */
export function noRepetition(): Invariant {
  const name = 'nothing is sent over and over';
  const links = new Links<Repetition>();
  const ahead = new Links<Ahead>();
  /** By what the leader knows of the follower. */
  const probes = new WeakMap<object, Probe>();
  const wanted = new WeakMap<object, number>();
  return {
    name,
    source: 'Raft paper §5.3 (AppendEntries is retried); thesis §10.2.1 (one at a time where the log is not known)',
    onReady({ snapshotsWanted }, { id, core }) {
      for (const to of snapshotsWanted) {
        const progress = core.progress.get(to);
        if (!progress) continue;
        if (progress.matchIndex <= (wanted.get(progress) ?? Number.NEGATIVE_INFINITY))
          throw new Violation(name, `${id} wants a snapshot for ${to} again, which still holds ${progress.matchIndex}`);
        wanted.set(progress, progress.matchIndex);
      }
    },
    onSend: about(['append-request', 'snapshot-request'], (message, { cluster, core, clock }) => {
      const { from, to } = message;
      if (message.type === 'snapshot-request') ahead.delete(from, to);
      if (message.type !== 'append-request') return;
      const first = message.entries[0]?.index;
      const progress = core.progress.get(to);
      const { matchIndex, state } = progress ?? {};
      if (first !== undefined && matchIndex !== undefined && first <= matchIndex)
        throw new Violation(name, `${from}>${to} carried ${first}, though ${matchIndex} is known to be held`);
      if (progress && state !== 'probe') {
        probes.delete(progress);
      } else if (progress && first !== undefined) {
        const last = probes.get(progress);
        if (last?.first === first && clock.latest - last.at < core.timing.heartbeatInMs - toleranceInMs)
          throw new Violation(name, `${from}>${to} probed with ${first} twice within a heartbeat`);
        probes.set(progress, { first, at: clock.latest });
      }
      if (state !== 'replicate') {
        ahead.delete(from, to);
      } else if (first !== undefined) {
        const sent = ahead.get(from, to);
        if (sent?.term === message.term && first <= sent.upTo)
          throw new Violation(name, `${from}>${to} carried ${first} again, which was sent ahead up to ${sent.upTo}`);
        ahead.set(from, to, { term: message.term, upTo: first + message.entries.length - 1 });
      }
      if (matchIndex === undefined || first !== matchIndex + 1) return;
      const { now } = cluster.queue;
      const before = links.get(from, to);
      if (before?.matchIndex !== matchIndex || now - before.since > core.timing.heartbeatInMs) {
        links.set(from, to, { matchIndex, since: now, count: 1 });
      } else if (++before.count > mostPerHeartbeat) {
        throw new Violation(
          name,
          `${from}>${to} carried ${first} ${before.count} times within ${(now - before.since).toFixed(1)} ms`,
        );
      }
    }),
  };
}
