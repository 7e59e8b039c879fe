import { expect, test } from 'vitest';
import { SeededRandom } from '../src/random.js';
import { EventQueue } from '../src/world/event-queue.js';

test('events run in order of time, and of scheduling where times are equal', () => {
  const queue = new EventQueue();
  const random = new SeededRandom(1);
  const ran: [number, number][] = [];
  for (let i = 0; i < 500; i++) {
    const time = random.integer(50);
    queue.after(time, () => ran.push([time, i]));
  }
  while (queue.runNext(100)) expect(queue.now).toBe(ran[ran.length - 1]?.[0]);
  expect(ran).toEqual(ran.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  expect(ran).toHaveLength(500);
});

test('time moves to the end of a run in which nothing happens, and an event there still runs', () => {
  const queue = new EventQueue();
  const ran: number[] = [];
  queue.after(10, () => ran.push(10));
  queue.after(11, () => ran.push(11));
  while (queue.runNext(10));
  expect([queue.now, ran, queue.size]).toEqual([10, [10], 1]);
  while (queue.runNext(20));
  expect([queue.now, ran]).toEqual([20, [10, 11]]);
});
