// Replays every *.txt beside this file. UPDATE_SCENARIOS=1 rewrites what they expect: then read the difference.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { Scenario } from './scenario.js';

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));

/**
 * A scenario is read line by line: `>` begins a command, `#` a remark, and what follows a command, up to an empty line or
 * the next command, is what it is expected to print. Returns the same text with what it did print.
 */
function replay(source: string): string {
  const scenario = new Scenario();
  const output: string[] = [];
  let isExpectation = false;
  for (const line of source.split('\n')) {
    if (line.startsWith('> ')) {
      output.push(line, ...scenario.run(line.slice(2)));
      isExpectation = true;
    } else if (line === '' || line.startsWith('#')) {
      output.push(line);
      isExpectation = false;
    } else if (!isExpectation) {
      throw new SyntaxError(`neither a command nor what one prints: ${line}`);
    }
  }
  return output.join('\n');
}

test.each(names)('%s', (name) => {
  const path = join(import.meta.dirname, name);
  const source = readFileSync(path, 'utf8');
  const actual = replay(source);
  if (process.env['UPDATE_SCENARIOS']) writeFileSync(path, actual);
  else expect(actual).toBe(source);
});

test('there are scenarios, and a wrong expectation is seen', () => {
  expect(names.length).toBeGreaterThan(15);
  const source = '> cluster voters=a\nok\n\n> campaign a\n  a: follower t1';
  expect(replay(source)).not.toBe(source);
});
