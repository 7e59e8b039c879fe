import type { Configuration } from '@hamok/raft';
import { expect, it } from 'vitest';
import { type ConfigurationLog, openConfigurations } from '../src/faults/open-configurations.js';

/** A log whose changes of the members stand at these indexes. */
function log(
  commitIndex: number,
  lastIndex: number,
  changes: Readonly<Record<number, Configuration>>,
): ConfigurationLog {
  const configurationAt = (index: number): Configuration => changes[index] ?? configurationAt(index - 1);
  const get = (index: number) => (changes[index] ? { configuration: changes[index] } : {});
  return { commitIndex, lastIndex, configurationAt, get };
}

const voters = (...members: string[]): Configuration => ({ voters: members, learners: [] });
const [four, three, two] = [voters('a', 'b', 'c', 'd'), voters('a', 'b', 'c'), voters('a', 'b')];

it('is the latest that anyone knows to be committed, not what one that lags behind goes by', () => {
  expect(openConfigurations([log(2, 9, { [-1]: four }), log(7, 9, { [-1]: four, 5: three })])).toEqual([three]);
});

it('is also what is in any log after that', () => {
  const logs = [log(2, 9, { [-1]: four }), log(2, 4, { [-1]: four, 3: three, 4: two })];
  expect(openConfigurations(logs)).toEqual([four, three, two]);
});

it('is nothing where there is no log', () => {
  expect(openConfigurations([])).toEqual([]);
});
