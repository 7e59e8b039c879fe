import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError } from '../dist/options.js';

test('the defaults', () => {
  assert.deepEqual(parseOptions([]), { members: 3, seconds: 3, json: false, help: false });
});

test('everything that can be said', () => {
  const options = parseOptions(['--members', '5', '--seconds=5', '--json', '-h']);
  assert.deepEqual(options, { members: 5, seconds: 5, json: true, help: true });
});

for (const args of [
  ['--members', '2'],
  ['--members', '4'],
  ['--members=3.0'],
  ['--members'],
  ['--seconds', '0'],
  ['--seconds', '6'],
  ['--seconds', '1e1'],
  ['--seconds='],
  ['--json=yes'],
  ['--unknown'],
  ['word'],
]) {
  test(`${args.join(' ')} makes no sense`, () => assert.throws(() => parseOptions(args), UsageError));
}
