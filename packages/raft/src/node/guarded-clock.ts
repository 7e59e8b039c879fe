import type { Clock } from '../ports/clock.js';

/** What a callback throws is given to `failed`, and not to the event loop, where it would end the process. */
export function guardedClock(clock: Clock, failed: (error: unknown) => void): Clock {
  const guarded = (callback: () => void) => (): void => {
    try {
      callback();
    } catch (error) {
      failed(error);
    }
  };
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (callback, delayInMs) => clock.setTimer(guarded(callback), delayInMs),
    defer: (callback) => clock.defer(guarded(callback)),
  };
}
