import { describe, expect, it } from 'vitest';
import { defaultSnapshotPolicy, isSnapshotDue, type Unsaved } from '../../src/snapshots/snapshot-policy.js';

const few: Unsaved = { entries: 10, bytes: 1000, firstTime: 0, lastTime: 10 };

describe('a snapshot', () => {
  it('is due by the number of entries, by their bytes, and by their age', () => {
    expect(isSnapshotDue(defaultSnapshotPolicy, few, 0)).toBe(false);
    expect(isSnapshotDue(defaultSnapshotPolicy, { ...few, entries: 10_000 }, 0)).toBe(true);
    expect(isSnapshotDue(defaultSnapshotPolicy, { ...few, bytes: 16 * 1024 * 1024 }, 0)).toBe(true);
    expect(isSnapshotDue(defaultSnapshotPolicy, { ...few, lastTime: 300_000 }, 0)).toBe(true);
  });

  it('waits until the entries have grown to the size of the last one, but not for ever', () => {
    const many = { ...few, entries: 50_000, bytes: 20 * 1024 * 1024 };
    expect(isSnapshotDue(defaultSnapshotPolicy, many, 30 * 1024 * 1024)).toBe(false);
    expect(isSnapshotDue(defaultSnapshotPolicy, many, 20 * 1024 * 1024)).toBe(true);
    expect(isSnapshotDue(defaultSnapshotPolicy, { ...many, lastTime: 300_000 }, 30 * 1024 * 1024)).toBe(true);
  });

  it('is never due by what is switched off, or with nothing new', () => {
    const off = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 };
    expect(isSnapshotDue(off, { entries: 1e9, bytes: 1e12, firstTime: 0, lastTime: 1e9 }, 0)).toBe(false);
    expect(isSnapshotDue(defaultSnapshotPolicy, { ...few, entries: 0, lastTime: 1e9 }, 0)).toBe(false);
  });
});
