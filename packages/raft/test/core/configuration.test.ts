import { describe, expect, test } from 'vitest';
import { type Configuration, changed, majority } from '../../src/core/configuration.js';

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
    ['remove', 'b', { voters: ['a'], learners: ['l'] }],
    ['remove', 'l', { voters: ['a', 'b'], learners: [] }],
  ] as const)('%s %s', (type, member, after) => {
    expect(changed(before, { type, member })).toEqual(after);
    expect(before).toEqual({ voters: ['a', 'b'], learners: ['l'] });
  });
});
