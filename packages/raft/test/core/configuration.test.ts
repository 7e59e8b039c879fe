import { describe, expect, test } from 'vitest';
import { type Configuration, changed, hasPossibleMost, majority, mostVotersOf } from '../../src/core/configuration.js';

describe('Configuration', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4],
  ])('of %i voters, %i are a majority', (voters, needed) => {
    expect(majority(voters)).toBe(needed);
  });

  const before: Configuration = { voters: ['a', 'b'], learners: ['l'] };

  test.each([
    ['add-learner', 'm', { voters: ['a', 'b'], learners: ['l', 'm'] }],
    ['promote', 'l', { voters: ['a', 'b', 'l'], learners: [] }],
    ['remove', 'b', { voters: ['a'], learners: ['l'], mostVoters: 2 }],
    ['remove', 'l', { voters: ['a', 'b'], learners: [] }],
  ] as const)('%s %s', (type, member, after) => {
    expect(changed(before, { type, member })).toEqual(after);
    expect(before).toEqual({ voters: ['a', 'b'], learners: ['l'] });
  });

  test('counts the most voters there were, of itself and of all before it', () => {
    const then = (configuration: Configuration, ...changes: [Parameters<typeof changed>[1]['type'], string][]) =>
      changes.reduce((known, [type, member]) => changed(known, { type, member }), configuration);
    expect(mostVotersOf(before)).toBe(2);
    const three = then(before, ['promote', 'l']);
    expect(three).not.toHaveProperty('mostVoters');
    expect(mostVotersOf(three)).toBe(3);
    const one = then(three, ['remove', 'a'], ['remove', 'b'], ['add-learner', 'm']);
    expect(one).toEqual({ voters: ['l'], learners: ['m'], mostVoters: 3 });
    const again = then(one, ['promote', 'm'], ['add-learner', 'n'], ['promote', 'n'], ['add-learner', 'o']);
    expect(again).not.toHaveProperty('mostVoters');
    expect(mostVotersOf(then(again, ['promote', 'o'], ['remove', 'o']))).toBe(4);
  });

  test.each([
    [undefined, true],
    [2, true],
    [3, true],
    [2 ** 31 - 1, true],
    [2 ** 31, false],
    [1, false],
    [-1, false],
    [2.5, false],
    [Number.NaN, false],
  ])('of two voters, %s at the most: %s', (mostVoters, isPossible) => {
    expect(hasPossibleMost({ ...before, mostVoters })).toBe(isPossible);
  });
});
