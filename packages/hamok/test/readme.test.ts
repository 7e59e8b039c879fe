import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

it('the first program of the readme does what it says there', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = new URL('../examples/quick-start.mjs', import.meta.url);
  expect(readme).toContain(`\`\`\`js\n${await readFile(example, 'utf8')}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await import(example.href);
    expect(log.mock.calls).toEqual([[true, 2]]);
  } finally {
    log.mockRestore();
  }
});
