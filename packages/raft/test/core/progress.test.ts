import { describe, expect, test } from 'vitest';
import { Progress } from '../../src/core/progress.js';

function replicating(): Progress {
  const progress = new Progress('b', 5, 0);
  progress.become('replicate', 5);
  return progress;
}

describe('Progress', () => {
  test('the window is shut by messages or by bytes, and answers open it again', () => {
    const progress = replicating();
    progress.sent(6, 10);
    expect([progress.isWindowOpen(2, 100), progress.isWindowOpen(1, 100), progress.isWindowOpen(2, 10)]).toEqual([
      true,
      false,
      false,
    ]);
    progress.sent(8, 10);
    expect([progress.inflight, progress.nextIndex]).toEqual([2, 9]);
    expect(progress.matched(6)).toBe(true);
    expect([progress.inflight, progress.isWindowOpen(2, 11)]).toEqual([1, true]);
  });

  test('one answer frees everything up to it', () => {
    const progress = replicating();
    for (const last of [5, 6, 7]) progress.sent(last, 1);
    progress.matched(6);
    expect([progress.inflight, progress.matchIndex, progress.nextIndex]).toEqual([1, 6, 8]);
  });

  test('a match never goes back', () => {
    const progress = replicating();
    progress.matched(4);
    expect(progress.matched(2)).toBe(false);
    expect([progress.matchIndex, progress.nextIndex]).toEqual([4, 5]);
  });

  test('another state forgets what was under way', () => {
    const progress = replicating();
    progress.sent(9, 100);
    progress.probeSent = true;
    progress.become('probe', 3);
    expect([progress.inflight, progress.nextIndex, progress.probeSent]).toEqual([0, 3, false]);
    expect(progress.isWindowOpen(1, 1)).toBe(true);
  });
});
