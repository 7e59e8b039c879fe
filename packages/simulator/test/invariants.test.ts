import { RaftCore } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { allInvariants } from '../src/invariants/index.js';
import { Ledger } from '../src/invariants/ledger.js';
import { oneVote } from '../src/invariants/one-vote.js';
import { readIndex } from '../src/invariants/read-index.js';
import { planOf } from '../src/plan.js';
import { SeededRandom } from '../src/random.js';
import { Cluster } from '../src/world/cluster.js';
import { Trace } from '../src/world/trace.js';

function clusterOf(voters: number): Cluster {
  const random = new SeededRandom(5);
  const plan = { ...planOf(random), voters, maxDiskLatency: 0, startWithin: 0 };
  const cluster = new Cluster(plan, random, (options) => new RaftCore(options), allInvariants(), new Trace());
  cluster.start();
  return cluster;
}

describe('invariants', () => {
  test('each has a name and a source, and no two have one name', () => {
    const invariants = allInvariants();
    expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length);
    for (const { source } of invariants) expect(source).toMatch(/paper|thesis/);
  });

  test('two votes of one member in one term are seen on the wire', () => {
    const invariant = oneVote();
    const voter = [...clusterOf(3).members.values()][0];
    if (!voter) expect.unreachable('a cluster without members');
    const vote = { type: 'vote-response', from: voter.id, to: 'x@1', term: 3, granted: true } as const;
    invariant.onSend?.(vote, voter);
    invariant.onSend?.({ ...vote, granted: false, to: 'y@1' }, voter);
    invariant.onSend?.({ ...vote, term: 4, to: 'y@1' }, voter);
    expect(() => invariant.onSend?.({ ...vote, to: 'y@1' }, voter)).toThrow('voted for x@1 and for y@1 in term 3');
  });

  test('an answer to a read that nobody asked is seen', () => {
    const [reader] = clusterOf(3).members.values();
    if (!reader) expect.unreachable('a cluster without members');
    expect(() => readIndex(new Ledger()).onReadAnswered?.(7, 0, reader)).toThrow('nobody asked');
  });

  test('a state machine that applied something else is seen', () => {
    const cluster = clusterOf(3);
    cluster.runUntil(5000);
    const [leader] = cluster.leaders;
    const follower = cluster.running.find((member) => member !== leader);
    if (!leader || !follower) expect.unreachable('no leader after five seconds');
    follower.machine.digest ^= 1;
    leader.act((core, now) => core.propose(cluster.newCommand(), now));
    expect(() => cluster.runUntil(10_000)).toThrow(', where ');
  });
});
