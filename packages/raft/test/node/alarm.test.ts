import { beforeEach, describe, expect, it } from 'vitest';
import { Alarm } from '../../src/node/alarm.js';
import { VirtualClock } from '../support/virtual-clock.js';

let clock: VirtualClock;
let rung: number[];
let alarm: Alarm;
beforeEach(() => {
  clock = new VirtualClock();
  rung = [];
  alarm = new Alarm(clock, () => rung.push(clock.now()));
});

describe('an alarm', () => {
  it('rings once at its time', async () => {
    alarm.set(20, clock.now());
    await clock.advance(100);
    expect(rung).toEqual([20]);
  });

  it('rings earlier where its time comes nearer, and leaves its timer where it moves away', async () => {
    alarm.set(50, clock.now());
    alarm.set(20, clock.now());
    alarm.set(80, clock.now());
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(rung).toEqual([20]);
  });

  it('is set anew from within its ring, also for a time that is over', async () => {
    const every = new Alarm(clock, () => {
      rung.push(clock.now());
      if (rung.length < 3) every.set(10, clock.now());
    });
    every.set(10, clock.now());
    await clock.advance(100);
    expect(rung).toEqual([10, 10, 10]);
  });

  it('is set for its new time where its timer is late', async () => {
    alarm.set(10, clock.now());
    clock.spend(30);
    alarm.set(40, clock.now());
    await clock.advance(100);
    expect(rung).toEqual([40]);
  });

  it('does not ring once it is ended', async () => {
    alarm.set(10, clock.now());
    alarm.end();
    expect(clock.pending).toBe(0);
  });
});
