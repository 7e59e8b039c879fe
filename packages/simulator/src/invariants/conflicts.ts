import type { LogPosition, MemberId, ProgressState, RaftCore } from '@hamok/raft';
import { Links } from '../world/links.js';
import { about, type Invariant, Violation } from './invariant.js';
import type { Subject } from './subject.js';

interface Expectation {
  readonly of: MemberId;
  /** Where the leader goes on; undefined for whatever it sent ahead meanwhile. */
  readonly nextIndex?: number;
  /** What the follower was, and stays. */
  readonly state?: ProgressState;
}

/**
 * A leader begins at the end of its log. A follower that lacks an entry says how far back the logs may agree, and the leader goes there at
 * once: a term a message, not an entry. What it rejected before it acknowledged it changes nothing.
 */
export function conflicts(): Invariant {
  const name = 'conflicts are skipped';
  /** What followers are to say: they wait for their disks before. */
  const hints = new Map<string, Set<string>>();
  const expected = new Map<Subject, Expectation>();
  /** The last term in which each link carried an append. */
  const begun = new Links<number>();
  return {
    name,
    source:
      'Raft paper §5.3 (nextIndex begins just after the last in the log), end (one AppendEntries for each term with conflicts)',
    onReceive: about(['append-request', 'append-response'], (message, receiver) => {
      const { id, core } = receiver;
      const { log, role, term, progress } = core;
      if (message.type === 'append-request' && message.term >= term) {
        const { from, prevLogIndex, prevLogTerm } = message;
        if (prevLogIndex < log.commitIndex || log.termAt(prevLogIndex) === prevLogTerm) return;
        const key = `${id} ${from} ${message.term} ${prevLogIndex}`;
        const due = hints.get(key) ?? new Set<string>();
        hints.set(key, due.add(describe(lastNotAbove(core, prevLogIndex, prevLogTerm))));
      } else if (message.type === 'append-response' && message.term === term && role === 'leader' && !message.success) {
        const { from, rejectedIndex, hintIndex, hintTerm } = message;
        const { state, matchIndex, nextIndex } = progress.get(from) ?? { matchIndex: Infinity, nextIndex: -1 };
        if (rejectedIndex <= matchIndex) {
          if (state !== undefined) expected.set(receiver, { of: from, state, ...(state === 'probe' && { nextIndex }) });
          return;
        }
        if (state === 'replicate') expected.set(receiver, { of: from, nextIndex: matchIndex + 1 });
        if (state !== 'probe' || rejectedIndex !== nextIndex - 1) return;
        const common = lastNotAbove(core, Math.min(hintIndex, rejectedIndex - 1), hintTerm).index;
        expected.set(receiver, { of: from, nextIndex: Math.max(common, matchIndex) + 1 });
      }
    }),
    onSend: about(['append-request', 'append-response'], (message, { core }) => {
      if (message.type === 'append-request') {
        const { from, to, term, prevLogIndex } = message;
        if (begun.get(from, to) === term) return;
        begun.set(from, to, term);
        if (prevLogIndex < core.termStartIndex - 1)
          throw new Violation(
            name,
            `${from} begins t${term} towards ${to} at ${prevLogIndex}, not ${core.termStartIndex - 1}`,
          );
      }
      if (message.type !== 'append-response' || message.success || message.rejectedIndex < 0) return;
      const { from, to, term, rejectedIndex, hintIndex, hintTerm } = message;
      const due = hints.get(`${from} ${to} ${term} ${rejectedIndex}`);
      if (!due?.has(describe({ index: hintIndex, term: hintTerm })))
        throw new Violation(
          name,
          `${from} lacks ${rejectedIndex}, hints at ${hintIndex}/${hintTerm}, not ${[...(due ?? [])]}`,
        );
    }),
    onTurn(member) {
      if (expected.size === 0) return;
      const { of, nextIndex, state } = expected.get(member) ?? {};
      if (of === undefined) return;
      expected.delete(member);
      const progress = member.core.progress.get(of);
      if (!progress) return;
      if (state !== undefined && progress.state !== state && progress.state !== 'forgetful')
        throw new Violation(
          name,
          `${member.id} takes ${of} for ${progress.state}, by what it rejected before it acknowledged it`,
        );
      if (nextIndex === undefined || progress.state === 'snapshot' || progress.nextIndex === nextIndex) return;
      throw new Violation(name, `${member.id} goes on towards ${of} from ${progress.nextIndex}, not ${nextIndex}`);
    },
  };
}

/** The last entry up to an index that is of no later term than one. On purpose not the product's own. */
function lastNotAbove({ log }: RaftCore, upTo: number, term: number): Omit<LogPosition, 'time'> {
  for (let index = Math.min(upTo, log.lastIndex); index > log.base.index; index--) {
    const at = log.termAt(index);
    if (at !== undefined && at <= term) return { index, term: at };
  }
  return { index: Math.min(upTo, log.base.index), term: upTo < log.base.index ? 0 : log.base.term };
}

function describe({ index, term }: Omit<LogPosition, 'time'>): string {
  return `${index}/${term}`;
}
