import type { ProductMutant } from './product-mutant.js';

/** The bugs of nodes: who is in a grid, how it begins, and what its members tell each other. */
export const memberMutants: readonly ProductMutant[] = [
  {
    name: "a restarted member that keeps its vote's place",
    edits: [
      {
        file: 'raft/src/identity/incarnation.ts',
        find: 'started <= highestSeen ? highestSeen + 1 + Math.floor(drawn * outbidding) : started',
        replace: 'range + highestSeen + 1',
      },
    ],
  },
  {
    name: 'two members bootstrapping apart',
    edits: [
      {
        file: 'raft/src/bootstrap/plan.ts',
        find: 'return sorted(plan.ids);',
        replace: 'return sorted(found);',
      },
    ],
  },
  {
    name: 'a member that found nobody, and begins a grid alone',
    edits: [{ file: 'raft/src/bootstrap/plan.ts', find: '&& found.length > 1 ?', replace: '?' }],
  },
  {
    name: 'a grid that begins with one fewer than was told',
    edits: [
      {
        file: 'raft/src/bootstrap/plan.ts',
        find: 'found.length >= plan.count ?',
        replace: 'found.length >= plan.count - 1 ?',
      },
    ],
  },
  {
    name: 'a member that agrees to whomever a grid is to begin with',
    edits: [
      { file: 'raft/src/bootstrap/search.ts', find: 'sameIds(expected, this.#expected() ?? [])', replace: 'true' },
    ],
  },
  {
    name: 'a new incarnation added before the old one is removed',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: "return this.#isAlive(before) || !this.#canSpare(before) ? undefined : { type: 'remove', member: before };",
        replace: "return { type: 'add-learner', member };",
      },
    ],
  },
  {
    name: 'a request to the leader taken each time that it comes',
    edits: [
      {
        file: 'raft/src/node/submissions.ts',
        find: 'if (!this.#received.isFirst(from, requestId, askedTerm, configuration)) return;',
        replace: '',
      },
    ],
  },
  {
    name: 'a living member removed after a short silence',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: 'if (this.#silenceSince(lastHeardAt) < this.#removeDeadAfterInMs) continue;',
        replace: 'if (this.#now() - lastHeardAt < 200) continue;',
      },
    ],
  },
  {
    name: 'the most voters there were, forgotten by the next leader',
    edits: [
      {
        file: 'raft/src/wire/entries.ts',
        find: '  message.mostVoters = mostVoters;\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a restarted process whose questions are numbered as by the process before',
    edits: [
      {
        file: 'raft/src/node/affiliation.ts',
        find: '{ ...inherited, run: this.#identity.resumedRun },',
        replace: 'inherited,',
      },
    ],
  },
  {
    name: 'a restarted process that does not put down its name',
    edits: [
      {
        file: 'raft/src/node/stable-storage.ts',
        find: 'await logStore.append({ hardState: { ...stored.hardState, run: resume(member, lastRun) }, entries: [] });',
        replace: 'resume(member, lastRun);',
      },
    ],
  },
  {
    name: 'a leader that leaves and does not hand over',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: 'else if (this.#leaving.has(this.#core.self)) this.#handOver();',
        replace: '',
      },
    ],
  },
  {
    name: 'a read before its index is applied',
    edits: [
      {
        file: 'raft/src/node/read-barriers.ts',
        find: 'this.#applying.push({ index, barriers: answered });',
        replace: 'for (const barrier of answered) barrier.resolve(index);',
      },
    ],
  },
  {
    name: 'a voter removed on the word of one that may have died since',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: '&& (needed === 0 || this.#answering(others) >= needed)',
        replace: '',
      },
    ],
  },
  {
    name: 'a leader that sends newcomers away without asking whether it still leads',
    edits: [
      {
        file: 'raft/src/node/membership.ts',
        find: '    asked.add(from);\n',
        replace: '    return tell();\n',
      },
    ],
  },
  {
    name: 'the answer to a request to join taken for one to leave',
    edits: [
      {
        file: 'raft/src/node/membership.ts',
        find: "    if (response.action === 'leave') this.#onLeaveAnswer?.(response.outcome);\n    else if (this.#onLeaveAnswer) return;\n",
        replace: '    if (this.#onLeaveAnswer) this.#onLeaveAnswer(response.outcome);\n',
      },
    ],
  },
  {
    name: 'a member that holds nothing, and whose requests for votes are taken for broken',
    edits: [
      {
        file: 'raft/src/wire/raft-frames.ts',
        find: "lastLogIndex: indexOf(frame.raftPrevLogIndex, 'raftPrevLogIndex')",
        replace: "lastLogIndex: natural(frame.raftPrevLogIndex, 'raftPrevLogIndex')",
      },
    ],
  },
  {
    name: 'two incarnations of an id in one grid',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: "return this.#isAlive(before) || !this.#canSpare(before) ? undefined : { type: 'remove', member: before };",
        replace: "return { type: 'add-learner', member };",
      },
      {
        file: 'raft/src/core/membership.ts',
        find: "return sameId ? 'incarnation-present' : undefined;",
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'a vote on the disk that a restarted process does not know of',
    edits: [
      {
        file: 'raft/src/node/stable-storage.ts',
        find: 'return { member, binding: { gridId, members, joining: !members.includes(member) }, inherited };',
        replace: `const hardState = { ...inherited.hardState, vote: undefined };
    return { member, binding: { gridId, members, joining: !members.includes(member) }, inherited: { ...inherited, hardState } };`,
      },
    ],
  },
  {
    name: 'a member that asks to be let in each time that another is named',
    edits: [
      {
        file: 'raft/src/bootstrap/search.ts',
        find: ' || this.#askedToJoin.has(to)) return;',
        replace: ') return;',
      },
    ],
  },
  {
    name: 'a member that is let in again by what it asked before it was removed',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: 'return asOf < this.#core.log.lastRemovalOf(member);',
        replace: 'return false;',
      },
    ],
  },
  {
    name: 'a promise that overtakes what was written before it',
    edits: [
      {
        file: 'raft/src/node/replica.ts',
        find: 'if (written === undefined && this.#writes.isIdle) return',
        replace: 'if (written === undefined) return',
      },
    ],
  },
  {
    name: 'a learner made a voter that may have died since it caught up',
    edits: [
      {
        file: 'raft/src/node/admission.ts',
        find: 'caughtUp && this.#areLed([...configuration.voters, member]) && this.#follows(member)',
        replace: 'caughtUp',
      },
    ],
  },
  {
    name: 'a member that asks to be let in as of what it learned when it was one',
    edits: [
      {
        file: 'raft/src/node/membership.ts',
        find: 'if (joined.includes(this.self)) this.#wasMember = true;',
        replace: '',
      },
    ],
  },
];
