// FAILURES.md names the tests that show its stories: `_file: title; title; file: title._` They are to be there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readPackages } from '../scripts/layers/workspace.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const testFiles = readPackages(root)
  .flatMap(({ path, modules }) => modules.map((module) => `${path}/${module.path}`))
  .filter((path) => /\.test\.m?ts$|\.test\.mjs$/.test(path));

/** Files may be named by the end of their path, and titles by their beginning. */
function problemsOf(citation: string): string[] {
  let file: string | undefined;
  return citation.split('; ').flatMap((part) => {
    const [, name, ofName] = part.match(/^(\S+\.test\.\w+)(?:: (.*))?$/) ?? [];
    if (name !== undefined) {
      const found = testFiles.filter((path) => path === name || path.endsWith(`/${name}`));
      file = found[0];
      if (found.length !== 1) return [`${name} names ${found.length} files`];
    }
    const title = name === undefined ? part : ofName;
    if (file === undefined) return [`"${part}" names no file`];
    return title === undefined || hasTest(file, title) ? [] : [`${file} has no test "${title}"`];
  });
}

function hasTest(file: string, title: string): boolean {
  const titles = readFileSync(join(root, file), 'utf8').matchAll(
    /\b(?:describe|it|test)(?:\.\w+\([^()]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g,
  );
  return [...titles].some(([, , each = '']) => each.startsWith(title));
}

const stories = readFileSync(join(root, 'FAILURES.md'), 'utf8')
  .split(/\n\n+/)
  .filter((paragraph) => paragraph.startsWith('**'));

describe('FAILURES.md', () => {
  test.each(stories)('%s', (story) => {
    const [, citation] = story.match(/\n_([^_]+)\._\s*$/) ?? [];
    expect(citation, 'the last line of a story names its tests').toBeDefined();
    expect(problemsOf(citation ?? '')).toEqual([]);
  });

  test('would not pass with tests that are not there', () => {
    expect(stories.length).toBeGreaterThan(10);
    expect(problemsOf('packages/raft/test/node/failures.test.ts: incarnations')).toEqual([]);
    expect(problemsOf('failures.test.ts: incarnations; a test that nobody wrote')).toEqual([
      'packages/raft/test/node/failures.test.ts has no test "a test that nobody wrote"',
    ]);
    expect(problemsOf('nowhere.test.ts: incarnations')).toEqual(['nowhere.test.ts names 0 files']);
    expect(problemsOf('incarnations')).toEqual(['"incarnations" names no file']);
  });
});
