import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/ports/clock.js';

const aDayInMs = 24 * 60 * 60 * 1000;

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('keeps delays that are longer than any timer of the platform', () => {
    const called = vi.fn();
    systemClock.setTimer(called, 60 * aDayInMs);
    vi.advanceTimersByTime(60 * aDayInMs - 1);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancels them, wherever they stand', () => {
    const called = vi.fn();
    const cancel = systemClock.setTimer(called, 60 * aDayInMs);
    vi.advanceTimersByTime(30 * aDayInMs);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timer for what never comes', () => {
    const cancel = systemClock.setTimer(vi.fn(), Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
    cancel();
  });
});
