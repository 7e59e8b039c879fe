import { type HamokMessage, MessageType } from '@hamok/messages';
import { incarnationOf, type MemberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/**
 * What a process asks of the leader has a number that no other process of the same member used: an answer to an earlier one, which may
 * come late, is not taken for an answer to this one. Each is called otherwise, and later, than those before, whatever its clock says.
 */
export function questionNumbers(): GridInvariant {
  const name = 'an answer to its own question';
  /** Who used a number, by the member and what was asked. */
  const askedBy = new Map<string, string>();
  const named = new WeakSet<Process>();
  /** The last process of each member. */
  const last = new Map<MemberId, { readonly run: MemberId; readonly process: Process }>();
  return {
    name,
    source: 'architecture, rule 10; thesis §6.4 (a round that was begun after the read was asked for)',
    onStep(process) {
      if (!process.core || named.has(process)) return;
      named.add(process);
      const { member, run } = process.hamok.raft ?? {};
      if (member === undefined || run === undefined) return;
      const before = last.get(member);
      if (before && incarnationOf(run) <= incarnationOf(before.run))
        throw new Violation(name, `${process.name} is called ${run}, and ${before.process.name} was ${before.run}`);
      last.set(member, { run, process });
    },
    onSent(process, frame) {
      // Without a disk no process comes back as the member that another was.
      if (!process.disk) return;
      const number = numberOf(frame());
      if (number === undefined) return;
      const question = `${process.member} ${number}`;
      const first = askedBy.get(question) ?? process.name;
      if (first !== process.name) throw new Violation(name, `${process.name} asks as ${question}, as ${first} did`);
      askedBy.set(question, first);
    },
  };
}

function numberOf({ type, requestId, raftRound }: HamokMessage): string | undefined {
  if (type === MessageType.SUBMIT_MESSAGE_REQUEST) return `submit ${requestId}`;
  return type === MessageType.RAFT_READ_INDEX_REQUEST ? `read ${raftRound}` : undefined;
}
