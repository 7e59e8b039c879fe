import type { MemberId } from '@hamok/raft';
import { about, type Invariant, majorityOf, Violation } from './invariant.js';
import { LeaderContact } from './leader-contact.js';
import { mayStand } from './may-stand.js';
import type { Subject } from './subject.js';

const toleranceInMs = 1;

/**
 * Nobody asks for votes while it hears a leader, nor soon after it voted; nobody stands whom a majority did not promise its votes, unless the
 * leader wishes it; and an election is given up as soon as it is lost, and no earlier.
 */
export function earnedCandidacies(): Invariant {
  const name = 'candidacies are earned';
  const contact = new LeaderContact();
  const votedAt = new Map<Subject, number>();
  /** Who promised its vote, by candidate and term. */
  const promises = new Map<string, Set<MemberId>>();
  /** The latest term in which a leader wished somebody to stand. */
  const wished = new Map<MemberId, number>();
  /** What each voter said first in the election under way: whether it grants its vote, or would. */
  const answers = new Map<Subject, Map<MemberId, boolean>>();
  const denied = new Set<Subject>();
  /** Until when the election under way may last. */
  const ends = new Map<Subject, number>();
  const forget = (member: Subject): void => {
    contact.forget(member);
    votedAt.delete(member);
  };
  return {
    name,
    source: 'Raft paper §5.2; thesis §9.6 (pre-votes), §3.10 (transfers)',
    onReceive: about(
      ['append-request', 'snapshot-request', 'pre-vote-response', 'vote-response'],
      (message, receiver) => {
        contact.received(message, receiver);
        const { role, term } = receiver.core;
        const asks = role === 'pre-candidate' && message.type === 'pre-vote-response';
        if (!asks && !(role === 'candidate' && message.type === 'vote-response' && message.term === term)) return;
        if (asks && message.term > term + (message.granted ? 1 : 0)) return;
        if (asks && message.granted && message.term !== term + 1) return;
        const said = answers.get(receiver);
        if (!said?.has(message.from)) said?.set(message.from, message.granted);
        if (!message.granted) denied.add(receiver);
      },
    ),
    onSend: about(['timeout-now', 'pre-vote-response'], (message) => {
      const { type, from, to, term } = message;
      if (type === 'timeout-now') wished.set(to, term);
      if (type !== 'pre-vote-response' || !message.granted) return;
      const key = `${to} ${term}`;
      promises.set(key, (promises.get(key) ?? new Set([to])).add(from));
    }),
    onTurn(member, { before, after }) {
      const { id, core, clock } = member;
      const isDenied = denied.size > 0 && denied.delete(member);
      if (
        !before ||
        (before.role === after.role && before.term === after.term && before.vote === after.vote && !isDenied)
      )
        return;
      if (before.vote !== after.vote && after.role === 'follower' && after.vote !== undefined)
        votedAt.set(member, clock.latest);
      const { voters } = core.configuration;
      const isLost = (): boolean => {
        const said = answers.get(member);
        const against = voters.filter((voter) => said?.get(voter) === false);
        return voters.length - against.length < majorityOf(voters.length);
      };
      if (before.role === after.role && before.term === after.term) {
        if (isDenied && after.role !== 'follower' && isLost())
          throw new Violation(name, `${id} goes on in t${after.term}, and can win no more`);
        return;
      }
      if (after.role === 'pre-candidate' && before.role === 'follower') {
        const { followerMaxIdleInMs } = core.timing;
        const patience = Math.min(contact.silence(member), clock.latest - (votedAt.get(member) ?? -Infinity));
        if (!mayStand(member)) throw new Violation(name, `${id} asks for votes, and may not stand`);
        if (patience < followerMaxIdleInMs - toleranceInMs)
          throw new Violation(name, `${id} asks for votes ${patience.toFixed(1)} ms after it heard a leader, or voted`);
      }
      if (after.term > before.term && after.vote === id && voters.some((voter) => voter !== id)) {
        if (!mayStand(member)) throw new Violation(name, `${id} stands in t${after.term}, and may not`);
        const promised = voters.filter((voter) => promises.get(`${id} ${after.term}`)?.has(voter));
        const isAsked = before.role === 'pre-candidate' && promised.length >= majorityOf(voters.length);
        if (!isAsked && wished.get(id) !== after.term - 1)
          throw new Violation(
            name,
            `${id}, ${before.role}, stands in t${after.term}, promised by [${promised.join(' ')}]`,
          );
      }
      const isOpen = core.leader === undefined && clock.latest < (ends.get(member) ?? -Infinity) - toleranceInMs;
      const stood = before.role === 'pre-candidate' || before.role === 'candidate';
      if (stood && after.role === 'follower' && after.term === before.term && (isDenied || isOpen) && !isLost())
        throw new Violation(name, `${id} gives up t${after.term}, which it may still win`);
      if (after.role !== 'pre-candidate' && after.role !== 'candidate') return;
      answers.set(member, new Map());
      ends.set(member, core.nextDeadline);
      forget(member);
    },
    onCampaign: forget,
    onRestart: forget,
  };
}
