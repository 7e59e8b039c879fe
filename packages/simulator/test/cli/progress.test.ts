import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import { onInterrupt } from '../../src/cli/interrupt.js';
import { Progress } from '../../src/cli/progress.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What is written within half a minute, and after that, where it is done by then. */
function written(isTTY: boolean): string[] {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const texts: string[] = [];
  const write = (text: string | Uint8Array): boolean => texts.push(`${text}`) > 0;
  let runs = 0;
  const progress = new Progress(() => `${++runs} runs and more`, { isTTY, columns: 8, write });
  vi.advanceTimersByTime(isTTY ? 1000 : 30_000);
  progress.done();
  vi.advanceTimersByTime(60_000);
  return texts;
}

test('a log hears now and then that something goes on, until it is done', () => {
  expect(written(false)).toEqual(['1 runs and more\n', '2 runs and more\n']);
});

test('a terminal shows one line, which fits and is gone in the end', () => {
  expect(written(true)).toEqual(['\r\u001b[K1 runs ', '\r\u001b[K2 runs ', '\r\u001b[K']);
});

test('Ctrl-C ends the program when it has told what it came to', () => {
  const told: string[] = [];
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    told.push(`exit ${code}`);
    return undefined as never;
  });
  const before = process.listeners('SIGINT');
  onInterrupt(() => told.push('told'));
  const added = process.listeners('SIGINT').filter((listener) => !before.includes(listener));
  for (const listener of added) listener('SIGINT');
  expect(told).toEqual(['told', 'exit 130']);
});
