import { appliedOnce } from './applied-once.js';
import { bounds } from './bounds.js';
import { commitQuorum } from './commit-quorum.js';
import { committedImmutable } from './committed-immutable.js';
import { configurationInForce } from './configuration-in-force.js';
import { confirmedReads } from './confirmed-reads.js';
import { conflicts } from './conflicts.js';
import { deadlines } from './deadlines.js';
import { deservedVotes } from './deserved-votes.js';
import { dueCandidacies } from './due-candidacies.js';
import { durablePromises } from './durable-promises.js';
import { earnedCandidacies } from './earned-candidacies.js';
import { electionSafety } from './election-safety.js';
import { heartbeats } from './heartbeats.js';
import { honestMessages } from './honest-messages.js';
import { indexOrder } from './index-order.js';
import type { Invariant } from './invariant.js';
import { knownLeader } from './known-leader.js';
import { leaderAppendOnly } from './leader-append-only.js';
import { leaderCompleteness } from './leader-completeness.js';
import { Ledger } from './ledger.js';
import { logMatching } from './log-matching.js';
import { logTimePasses } from './log-time.js';
import { majorityOfVotes } from './majority-of-votes.js';
import { monotonic } from './monotonic.js';
import { neighbouringQuorums } from './neighbouring-quorums.js';
import { noBusyLoop } from './no-busy-loop.js';
import { noMessageStorm } from './no-message-storm.js';
import { noRepetition } from './no-repetition.js';
import { oneChange } from './one-change.js';
import { oneVote } from './one-vote.js';
import { orderlyElections } from './orderly-elections.js';
import { promptCommits } from './prompt-commits.js';
import { promptReads } from './prompt-reads.js';
import { promptReplication } from './prompt-replication.js';
import { randomWaits } from './random-waits.js';
import { readIndex } from './read-index.js';
import { removedLeader } from './removed-leader.js';
import { staleMessages } from './stale-messages.js';
import { stateMachineSafety } from './state-machine-safety.js';
import { steadyLeadership } from './steady-leadership.js';
import { termsBeginWithCandidates } from './terms-begin-with-candidates.js';
import { termsSpread } from './terms-spread.js';
import { trueEchoes } from './true-echoes.js';
import { trueMatches } from './true-matches.js';
import { trueRefusals } from './true-refusals.js';
import { validChanges } from './valid-changes.js';

/** All of them, for one run of cores. */
export function allInvariants(): Invariant[] {
  const ledger = new Ledger();
  return [
    ...stepInvariants(ledger),
    stateMachineSafety(),
    deservedVotes(),
    earnedCandidacies(),
    dueCandidacies(),
    steadyLeadership(),
    termsSpread(),
    staleMessages(),
    randomWaits(),
    heartbeats(),
    majorityOfVotes(),
    durablePromises(),
    noMessageStorm(),
    readIndex(ledger),
    confirmedReads(),
    termsBeginWithCandidates(),
    honestMessages(),
    bounds(),
    conflicts(),
    trueRefusals(),
    logTimePasses(),
    deadlines(),
    knownLeader(),
    orderlyElections(),
    promptReplication(),
    promptReads(),
    noBusyLoop(),
    noRepetition(),
    trueEchoes(),
    appliedOnce(),
  ];
}

/** Those that need no more than to see the members' cores after each step. The ledger is filled by `commitQuorum`; who reads it comes after. */
export function stepInvariants(ledger: Ledger): Invariant[] {
  return [
    electionSafety(),
    leaderAppendOnly(),
    logMatching(),
    leaderCompleteness(ledger),
    commitQuorum(ledger),
    committedImmutable(ledger),
    indexOrder(),
    monotonic(),
    oneChange(),
    neighbouringQuorums(),
    configurationInForce(),
    removedLeader(),
    trueMatches(),
    promptCommits(),
    validChanges(),
    oneVote(),
  ];
}
