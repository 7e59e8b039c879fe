import { expect, test } from 'vitest';
import { coreSituations } from '../../src/coverage/core-situations.js';
import { isOfTwo, SituationSpace, Situations } from '../../src/coverage/situations.js';
import { storageSituations } from '../../src/storages/situations.js';

test.each([
  ['cores', coreSituations],
  ['storages', storageSituations],
])('each situation of %s has a number and words of its own', (_, space) => {
  const possible = space.possible();
  expect(possible.length).toBeGreaterThan(100);
  expect(possible.some(isOfTwo)).toBe(false);
  const words = possible.map((situation) => space.wordsOf(situation));
  expect(new Set(words.map(String)).size).toBe(possible.length);
  const numbers = words.map((all) => space.codeOf(all.map((word, at) => space.aspects[at]?.indexOf(word) ?? -1)));
  expect(numbers).toEqual(possible);
});

test('what cannot be is left out', () => {
  const space = new SituationSpace(
    [
      ['follower', 'leader'],
      ['', 'restoring'],
    ],
    ([role, install]) => role === 'follower' || install === '',
  );
  expect(space.possible().map((situation) => space.wordsOf(situation))).toEqual([
    ['follower', ''],
    ['follower', 'restoring'],
    ['leader', ''],
  ]);
});

test('situations of two members at one time are told apart from those of one, whoever is in which', () => {
  const situations = new Situations();
  situations.see([3, 1, 3]);
  situations.see([1, 3]);
  const met = [...situations.met];
  expect(met.filter((situation) => !isOfTwo(situation)).sort()).toEqual([1, 3]);
  expect(met.filter(isOfTwo).length).toBe(2);
});
