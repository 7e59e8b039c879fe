import { memberId } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import { bytes } from './grid.js';
import { Solo } from './solo.js';

const [b1, b2, c1] = [memberId('b', 1), memberId('b', 2), memberId('c', 1)];
const voters = ['a', b1, c1];

function leader(): Solo {
  const solo = new Solo({ configuration: { voters, learners: [] } }).becomeLeader().match(b1, 0).match(c1, 0);
  solo.sent();
  return solo;
}

describe('thesis §4.1 safety of membership changes', () => {
  test('a configuration is in force from the moment it is in the log', () => {
    const solo = leader();
    solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: c1 }, now));
    expect(solo.core.configuration.voters).toEqual(['a', b1]);
    expect(solo.core.log.commitIndex).toBe(0);
    expect([...solo.core.progress.keys()]).toEqual([b1]);
  });

  test('truncation brings the one before back', () => {
    const solo = leader();
    solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: c1 }, now));
    solo.append(b1, 2, [0, 1], [2]);
    expect(solo.core.configuration.voters).toEqual(voters);
  });

  test('one change at a time, and only once an entry of its own term is committed', () => {
    const solo = new Solo({ configuration: { voters, learners: [] } }).becomeLeader();
    const remove = (member: string) =>
      solo.do((core, now) => core.changeConfiguration({ type: 'remove', member }, now));
    expect(remove(c1)).toBe('term-not-committed');
    solo.match(b1, 0);
    expect(remove(c1)).toBe(1);
    expect(remove(b1)).toBe('change-in-progress');
    solo.match(b1, 1);
    expect(remove(b1)).toBe(2);
  });

  test('what a new configuration commits is counted in that configuration', () => {
    const solo = leader();
    solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: c1 }, now));
    solo.match(c1, 1);
    expect(solo.core.log.commitIndex).toBe(0);
    expect(solo.match(b1, 1).core.log.commitIndex).toBe(1);
  });
});

describe('thesis §4.2 availability', () => {
  test('§4.2.1: a new member is a learner first, and has no say until it has caught up and is promoted', () => {
    const solo = leader();
    const member = memberId('d', 1);
    solo.do((core, now) => core.changeConfiguration({ type: 'add-learner', member }, now));
    expect(solo.core.configuration).toEqual({ voters, learners: [member] });
    solo.match(member, 1);
    expect(solo.core.log.commitIndex).toBe(0);
    solo.match(b1, 1);
    solo.do((core, now) => core.changeConfiguration({ type: 'promote', member }, now));
    solo.match(b1, 2);
    expect(solo.core.log.commitIndex).toBe(1);
    expect(solo.match(member, 2).core.log.commitIndex).toBe(2);
  });

  test('§4.2.1: a learner that is too far behind is not promoted', () => {
    const configuration = { voters, learners: ['d@1'] };
    const solo = new Solo({ configuration, limits: { maxPromotionLag: 1 } }).becomeLeader().match(b1, 0);
    for (const data of ['x', 'y']) solo.do((core, now) => core.propose(bytes(data), now));
    solo.match(b1, 2);
    const promote = () => solo.do((core, now) => core.changeConfiguration({ type: 'promote', member: 'd@1' }, now));
    expect(promote()).toBe('learner-behind');
    solo.match('d@1', 1);
    expect(promote()).toBe(3);
  });

  test('§4.2.1: a learner that lacks what is under way to the voters as well is promoted', () => {
    const configuration = { voters, learners: ['d@1'] };
    const solo = new Solo({ configuration, limits: { maxPromotionLag: 1 } })
      .becomeLeader()
      .match(b1, 0)
      .match('d@1', 0);
    for (const data of ['x', 'y', 'z']) solo.do((core, now) => core.propose(bytes(data), now));
    expect(solo.do((core, now) => core.changeConfiguration({ type: 'promote', member: 'd@1' }, now))).toBe(4);
  });

  test('§4.2.2: a leader that removes itself does not count itself, and steps down when that is committed', () => {
    const solo = leader();
    solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: 'a' }, now));
    expect(solo.match(b1, 1).core).toMatchObject({ role: 'leader' });
    solo.sent();
    solo.match(c1, 1);
    expect(solo.core).toMatchObject({ role: 'follower' });
    expect(solo.sentOf('append-request').map(({ commitIndex }) => commitIndex)).toEqual([1, 1]);
    solo.tick(10_000);
    expect(solo.core.role).toBe('follower');
  });

  test('§4.2.2: a vote request is answered even where the configuration does not list the candidate', () => {
    const solo = new Solo({ configuration: { voters: [], learners: [] } });
    solo.step({ type: 'vote-request', from: 'z', term: 3, lastLogIndex: 4, lastLogTerm: 2, transfer: false });
    expect(solo.sentOf('vote-response')).toMatchObject([{ to: 'z', granted: true }]);
  });
});

describe('identity', () => {
  test('a restarted member comes back by removal, then as a learner, then as a voter', () => {
    const solo = leader();
    const change = (type: 'remove' | 'add-learner' | 'promote', member: string) =>
      solo.do((core, now) => core.changeConfiguration({ type, member }, now));
    expect(change('add-learner', b2)).toBe('incarnation-present');
    expect(change('promote', b2)).toBe('not-a-member');
    change('remove', b1);
    solo.match(c1, 1);
    change('add-learner', b2);
    solo.match(c1, 2);
    expect(change('promote', b2)).toBe(3);
    expect(solo.core.configuration).toEqual({ voters: ['a', c1, b2], learners: [] });
  });

  test('the new incarnation inherits nothing of the old: not its match, not its vote', () => {
    const solo = leader();
    solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: b1 }, now));
    solo.match(c1, 1);
    solo.do((core, now) => core.changeConfiguration({ type: 'add-learner', member: b2 }, now));
    solo.match(b1, 2);
    expect([...solo.core.progress].map(([id, { matchIndex }]) => [id, matchIndex])).toEqual([
      [c1, 1],
      [b2, -1],
    ]);
  });

  test.each([
    ['remove', 'x@1', 'not-a-member'],
    ['promote', 'a', 'not-a-learner'],
    ['add-learner', c1, 'already-member'],
  ] as const)('%s %s: %s', (type, member, refusal) => {
    expect(leader().do((core, now) => core.changeConfiguration({ type, member }, now))).toBe(refusal);
  });

  test('the last voter stays', () => {
    const solo = new Solo({ configuration: { voters: ['a'], learners: ['l@1'] } }).tick(1500);
    expect(solo.core.hasCommittedInTerm).toBe(true);
    expect(solo.do((core, now) => core.changeConfiguration({ type: 'remove', member: 'a' }, now))).toBe('last-voter');
  });
});
