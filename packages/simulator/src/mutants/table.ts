import type { Mutant } from './mutant.js';

/** The bugs that the simulator has to catch. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no election restriction',
    file: 'election.ts',
    find: "const granted = free && state.role === 'follower' && state.log.isUpToDate(request.lastLogIndex, request.lastLogTerm);",
    replace: "const granted = free && state.role === 'follower';",
  },
  {
    name: 'no previous-entry check',
    file: 'replication.ts',
    find: 'if (log.termAt(prevLogIndex) !== prevLogTerm) return',
    replace: 'if (prevLogIndex > log.lastIndex) return',
  },
  {
    name: 'an old-term entry committed by count',
    file: 'commitment.ts',
    find: 'index <= state.log.commitIndex || state.log.termAt(index) !== state.term',
    replace: 'index <= state.log.commitIndex',
  },
  {
    name: 'stale suffix kept',
    file: 'log.ts',
    find: '      if (term === entry.term) continue;',
    replace: '      if (term !== undefined) continue;',
  },
  {
    name: 'quorum off by one',
    file: 'configuration.ts',
    find: 'return Math.floor(voters / 2) + 1;',
    replace: 'return Math.max(1, Math.floor(voters / 2));',
  },
  {
    name: 'a learner counted',
    file: 'commitment.ts',
    find: `const { voters } = state.configuration;
  const matches`,
    replace: `const voters = [...state.configuration.voters, ...state.configuration.learners];
  const matches`,
  },
  {
    name: 'a vote granted twice in a term',
    file: 'election.ts',
    find: 'const free = state.vote === undefined || state.vote === request.from;',
    replace: 'const free = true;',
  },
  {
    name: 'a membership change before a current-term commit',
    file: 'membership.ts',
    find: "  if (!hasCommittedInTerm(state)) return 'term-not-committed';\n",
    replace: '',
  },
  {
    name: 'two membership changes in flight',
    file: 'membership.ts',
    find: "  if (state.log.configurationIndex > state.log.commitIndex) return 'change-in-progress';\n",
    replace: '',
  },
  {
    name: 'a match taken from a rejection',
    file: 'replication.ts',
    find: '  else onMismatch(state, progress, response);',
    replace: '  else onMatch(state, progress, response.hintIndex);',
  },
  {
    name: 'a match taken from a reordered reply',
    file: 'progress.ts',
    find: '    if (index <= this.matchIndex) return false;\n    this.matchIndex = index;',
    replace: '    if (index === this.matchIndex) return false;\n    this.matchIndex = this.nextIndex - 1;',
  },
  {
    name: 'a late rejection taken for a loss',
    file: 'replication.ts',
    find: 'if (round >= progress.doubtedRound) ',
    replace: 'if (round >= -1) ',
  },
  {
    name: 'a doubt that outlives what dispels it',
    file: 'progress.ts',
    find: '    this.doubtedRound = Number.POSITIVE_INFINITY;\n    return true;',
    replace: '    return true;',
  },
  {
    name: 'commit past the last verified entry',
    file: 'commitment.ts',
    find: 'state.log.commitTo(Math.min(leaderCommit, matchIndex));',
    replace: 'state.log.commitTo(Math.min(leaderCommit, state.log.lastIndex));',
  },
  {
    name: 'a read without its round',
    file: 'reads.ts',
    find: '  if (echoes < majority(voters.length)) return;\n',
    replace: '',
  },
  {
    name: 'a read before the term committed',
    file: 'reads.ts',
    find: ' || !hasCommittedInTerm(state)) return;',
    replace: ') return;',
  },
  {
    name: 'a conflict hint that skips too far',
    file: 'replication.ts',
    find: 'Math.max(common, progress.matchIndex) + 1;',
    replace: 'rejectedIndex + 1;',
  },
  {
    name: 'a pre-vote that disturbs: it raises the term',
    file: 'election.ts',
    find: 'becomePreCandidate(state);\n',
    replace: 'becomePreCandidate(state);\n  state.term++;\n  state.vote = undefined;\n',
  },
  {
    name: 'a pre-vote that disturbs: it ignores the lease',
    file: 'election.ts',
    find: ' && !hasLease(state) && ',
    replace: ' && ',
  },
  {
    name: 'an answer before it is durable',
    file: 'state.ts',
    find: '    this.messagesAfterPersist.push(message);',
    replace: '    this.messages.push(message);',
  },
  {
    name: "the leader's own match before it is durable",
    file: 'commitment.ts',
    find: 'state.log.persistedIndex',
    replace: 'state.log.lastIndex',
  },
  {
    name: "the message's term instead of the last entry's, in a vote request",
    file: 'election.ts',
    find: "  becomeCandidate(state);\n  if (tally(state) === 'won') return becomeLeader(state);\n  const { index: lastLogIndex, term: lastLogTerm } = state.log.last;",
    replace:
      "  becomeCandidate(state);\n  if (tally(state) === 'won') return becomeLeader(state);\n  const { index: lastLogIndex } = state.log.last;\n  const lastLogTerm = state.term;",
  },
  {
    name: 'a term that comes back after a step down',
    file: 'roles.ts',
    find: '    state.vote = undefined;\n',
    replace: '',
  },
  {
    name: 'no check of the quorum',
    file: 'check-quorum.ts',
    find: 'else becomeFollower(state, state.term, undefined);',
    replace: 'else state.quorumCheckDeadline = state.now + followerMaxIdleInMs;',
  },
  {
    name: 'a snapshot that forgets the log behind it too early',
    file: 'snapshot.ts',
    find: '  if (position.index <= log.commitIndex) return acknowledgeMatch(state, from);\n',
    replace: '',
  },
  {
    name: 'a snapshot chunk applied out of order',
    file: 'snapshot.ts',
    find: 'if (offset === incoming.offset) {',
    replace: 'if (offset <= incoming.offset || done) {',
  },
  {
    name: 'a configuration that truncation does not bring back',
    file: 'log.ts',
    find: 'while (this.configurationIndex >= index) this.#configurationIndexes.pop();',
    replace: 'if (this.lastIndex < 0) this.#configurationIndexes.pop();',
  },
  {
    name: 'a leader that stays after its removal',
    file: 'membership.ts',
    find: "    state.role === 'leader' &&\n    !isVoter",
    replace: "    state.role === 'candidate' &&\n    !isVoter",
  },
  {
    name: 'a window that never reopens',
    file: 'progress.ts',
    find: '      this.#lastIndexes.splice(0, freed);\n',
    replace: '',
  },
  {
    name: 'a term forgotten on restart',
    file: 'state.ts',
    find: 'this.term = options.hardState?.term ?? ',
    replace: 'this.term = ',
  },
  {
    name: 'a follower left with a snapshot that became too old',
    file: 'replication.ts',
    find: 'if (!known && ',
    replace: 'if (progress.inflight < 0 && ',
  },
  {
    name: 'a leader under removal that nobody can do without, and that does not stand',
    file: 'roles.ts',
    find: 'return isVoter(log.configurationAt(log.configurationIndex - 1), self);',
    replace: 'return false;',
  },
  {
    name: 'a vote forgotten on restart',
    file: 'state.ts',
    find: 'this.vote = options.hardState?.vote;',
    replace: 'this.vote = undefined;',
  },
  {
    name: 'a sole voter ahead of its disk',
    file: 'replication.ts',
    find: '  if (!isTermDurable(state)) return;\n',
    replace: '',
  },
  {
    name: 'a commit index that passes by a snapshot under way',
    file: 'replication.ts',
    find: '  if (state.incomingSnapshot.installing) return acknowledge(state, request, log.commitIndex);\n',
    replace: '',
  },
  {
    name: "a late answer taken for the probe's",
    file: 'replication.ts',
    find: ' && known && (news || lacksNothing)) {',
    replace: ' && known) {',
  },
  {
    name: 'a lost probe that is not repeated',
    file: 'replication.ts',
    find: '    progress.probeSent = false;\n  }',
    replace: '  }',
  },
  {
    name: "the message's term instead of the entry's",
    file: 'replication.ts',
    find: 'if (log.merge(entries)) ',
    replace: 'if (log.merge(entries.map((entry) => ({ ...entry, term: request.term })))) ',
  },
  {
    name: 'a match credited to the id instead of the incarnation',
    file: 'replication.ts',
    find: 'const progress = state.progress.get(response.from);',
    replace:
      "const id = response.from.split('@')[0];\n  const progress = [...state.progress.values()].find(({ member }) => member.split('@')[0] === id);",
  },
  {
    name: 'a swap instead of remove, add and promote',
    file: 'configuration.ts',
    find: 'return { voters, learners: [...learners, change.member] };',
    replace:
      "return voters.some((voter) => voter.split('@')[0] === change.member.split('@')[0]) ? { voters: voters.map((voter) => (voter.split('@')[0] === change.member.split('@')[0] ? change.member : voter)), learners } : { voters, learners: [...learners, change.member] };",
    also: [
      {
        file: 'membership.ts',
        find: "return sameId ? 'incarnation-present' : undefined;",
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'pre-votes counted as votes',
    file: 'roles.ts',
    find: 'function beginElection(state: CoreState): void {\n  state.votes.clear();',
    replace: 'function beginElection(state: CoreState): void {',
  },
  {
    name: 'votes of an earlier term counted',
    file: 'raft-core.ts',
    find: "    if (type === 'pre-vote-response' && (message.granted || term <= state.term)) return true;",
    replace:
      "    if (type === 'vote-response' && message.granted) return true;\n    if (type === 'pre-vote-response' && (message.granted || term <= state.term)) return true;",
  },
  {
    name: 'entries taken from a leader of an earlier term',
    file: 'raft-core.ts',
    find: "if (type === 'append-request' || type === 'snapshot-request') answerStaleLeader(state, message.from);",
    replace: "if (type === 'append-request' && state.role === 'follower') return true;",
  },
  {
    name: 'the majority of the members before the change',
    file: 'commitment.ts',
    find: `  const { voters } = state.configuration;
  const matches`,
    replace: `  const { voters } = state.log.configurationAt(state.log.commitIndex);
  const matches`,
  },
  {
    name: 'a removed leader that counts itself',
    file: 'commitment.ts',
    find: '  matches.sort(',
    replace: '  if (!voters.includes(state.self)) matches.push(state.log.persistedIndex);\n  matches.sort(',
  },
  {
    name: 'a configuration in force only once it is committed',
    file: 'replication.ts',
    find: 'if (log.merge(entries)) state.configuration = log.configuration;',
    replace: 'log.merge(entries);\n  state.configuration = log.configurationAt(log.commitIndex);',
  },
  {
    name: 'a snapshot without its configuration',
    file: 'log.ts',
    find: '    this.#baseConfiguration = configuration;\n    this.#entries = [];',
    replace: '    this.#entries = [];',
  },
  {
    name: 'a compaction that forgets the configuration',
    file: 'log.ts',
    find: '    this.#baseConfiguration = this.configurationAt(index);\n',
    replace: '',
  },
  {
    name: 'a log kept behind a snapshot that it does not agree with',
    file: 'log.ts',
    find: 'if (this.termAt(position.index) === position.term) {',
    replace: 'if (this.termAt(position.index) !== undefined) {',
  },
  {
    name: 'durable though it was cut off',
    file: 'log.ts',
    find: '    this.#persistedIndex = Math.min(this.#persistedIndex, index - 1);\n',
    replace: '',
  },
  {
    name: 'what replaces a conflict is not written',
    file: 'log.ts',
    find: '    this.#unstableIndex = Math.min(this.#unstableIndex, index);\n',
    replace: '',
  },
  {
    name: 'an old echo confirms the round under way',
    file: 'reads.ts',
    find: '  progress.ackedRound = round;',
    replace: '  progress.ackedRound = state.round;',
  },
  {
    name: 'a read answered by who does not lead',
    file: 'reads.ts',
    find: '  else answer(state, { from, context }, undefined);\n}',
    replace: '  else answer(state, { from, context }, state.log.commitIndex);\n}',
  },
  {
    name: 'reads that outlive the leadership',
    file: 'roles.ts',
    find: '  state.reads.refuseAll(state);\n',
    replace: '',
  },
  {
    name: 'a snapshot acknowledged before it is restored',
    file: 'snapshot.ts',
    find: 'matchIndex: state.log.commitIndex,',
    replace: 'matchIndex: Math.max(state.log.commitIndex, state.incomingSnapshot.index),',
  },
  {
    name: 'an election in the middle of a restoration',
    file: 'roles.ts',
    find: 'if (leavesItToOthers(state) || incomingSnapshot.installing) return false;',
    replace: 'if (leavesItToOthers(state)) return false;',
  },
  {
    name: 'a term that begins without an entry of its own',
    file: 'roles.ts',
    find: "state.termStartIndex = appendEntry(state, 'no-op', state.encoder.noOp);",
    replace: 'state.termStartIndex = state.log.lastIndex;',
  },
  {
    name: 'an append that skips an entry',
    file: 'replication.ts',
    find: 'progress.sent(progress.nextIndex - 1 + entries.length, bytes);',
    replace: 'progress.sent(progress.nextIndex + entries.length, bytes);',
  },
  {
    name: 'a leader that would vote for another',
    file: 'election.ts',
    find: "  if (state.role === 'leader') return true;\n",
    replace: '',
  },
  {
    name: 'leadership handed to who lacks entries',
    file: 'transfer.ts',
    find: ' || transfer.told || progress.matchIndex < state.log.lastIndex) return;',
    replace: ' || transfer.told) return;',
  },
  {
    name: 'bytes that stay uncommitted for ever',
    file: 'commitment.ts',
    find: 'state.uncommittedBytes -= entry.data.byteLength;',
    replace: 'state.uncommittedBytes -= 0;',
  },
  {
    name: 'log time that counts the time without a leader',
    file: 'roles.ts',
    find: 'state.takeover = { logTime: state.log.last.time, at: state.now };',
    replace:
      'state.takeover = { logTime: state.log.last.time, at: state.leaderHeardAt > 0 ? state.leaderHeardAt : state.now };',
  },
  {
    name: 'a quorum check that counts learners',
    file: 'check-quorum.ts',
    find: 'for (const voter of state.configuration.voters) {',
    replace: 'for (const voter of [...state.configuration.voters, ...state.configuration.learners]) {',
  },
];
