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
    name: 'a pre-vote that raises the term',
    file: 'election.ts',
    find: 'becomePreCandidate(state);\n',
    replace: 'becomePreCandidate(state);\n  state.term++;\n  state.vote = undefined;\n',
  },
  {
    name: 'a pre-vote that ignores the lease',
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
    name: "the message's term instead of the last entry's",
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
    name: 'a snapshot chunk taken out of order',
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
    name: 'a heartbeat that does not probe where a probe was lost',
    file: 'replication.ts',
    find: "progress.state !== 'snapshot' && progress.nextIndex >=",
    replace: "progress.state === 'replicate' && progress.nextIndex >=",
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
    find: 'else if (!known && ',
    replace: 'else if (progress.inflight < 0 && ',
  },
  {
    name: 'a leader under removal that nobody can do without, and that does not stand',
    file: 'roles.ts',
    find: ' || isVoter(log.configurationAt(log.commitIndex), self)',
    replace: '',
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
    find: 'if (!installing) followCommit(',
    replace: 'followCommit(',
  },
];
