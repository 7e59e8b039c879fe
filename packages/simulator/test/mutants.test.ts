import { describe, expect, test } from 'vitest';
import { hunt } from '../src/mutants/hunt.js';
import { plant } from '../src/mutants/plant.js';
import { mutants } from '../src/mutants/table.js';

const caughtBy: Record<string, string[]> = {
  'no election restriction': ['leader completeness'],
  'no previous-entry check': ['log matching', 'state machine safety'],
  'an old-term entry committed by count': ['committed on a voter quorum'],
};

describe('a planted bug is caught', () => {
  test.each(Object.keys(caughtBy))('%s', { timeout: 60_000 }, (name) => {
    const mutant = mutants.find((candidate) => candidate.name === name);
    if (!mutant) expect.unreachable(`${name} is not in the table`);
    const caught = hunt(plant(mutant), 1, 200, 20_000);
    expect(caughtBy[name]).toContain(caught?.failure.invariant);
  });

  test('a mutant whose text is not in the source is an error, not a survivor', () => {
    expect(() => plant({ name: 'nowhere', file: 'log.ts', find: 'no such text', replace: '' })).toThrow(
      'occurs 0 times',
    );
  });
});
