import { beforeEach, expect, it } from 'vitest';
import { ReadBarriers } from '../../src/node/read-barriers.js';

let barriers: ReadBarriers;
let passed: string[];

beforeEach(() => {
  barriers = new ReadBarriers();
  passed = [];
});

function ask(name: string, now: number): number {
  barriers.add({ resolve: (index) => passed.push(`${name} ${index}`), reject: () => passed.push(name) });
  return barriers.ask(now);
}

it('an answer that comes late, when the question was asked again, still counts', () => {
  const first = ask('x', 0);
  barriers.askAgain(500);
  expect(barriers.hasUnasked).toBe(true);
  const second = barriers.ask(500);
  barriers.answered(first, 3);
  barriers.applied(3);
  expect(passed).toEqual(['x 3']);
  barriers.answered(second, 4);
  barriers.applied(4);
  expect(passed).toEqual(['x 3']);
  expect(barriers.size).toBe(0);
});

it('what answers a question answers those before it, and none after it', () => {
  ask('x', 0);
  const second = ask('y', 1);
  const third = ask('z', 2);
  barriers.answered(second, 5);
  barriers.applied(5);
  expect(passed).toEqual(['x 5', 'y 5']);
  barriers.answered(third, 6);
  barriers.applied(6);
  expect(passed).toEqual(['x 5', 'y 5', 'z 6']);
});

it('one question is asked again for all that are open, once none was asked for a while', () => {
  ask('x', 0);
  ask('y', 400);
  barriers.askAgain(300);
  expect(barriers.hasUnasked).toBe(false);
  barriers.askAgain(400);
  const again = barriers.ask(900);
  expect(barriers.hasUnasked).toBe(false);
  barriers.answered(again, 7);
  barriers.applied(7);
  expect(passed).toEqual(['x 7', 'y 7']);
  barriers.askAgain(5000);
  expect(barriers.hasUnasked).toBe(false);
});

it('what is refused is asked again', () => {
  barriers.answered(ask('x', 0), undefined);
  expect(barriers.hasUnasked).toBe(true);
  barriers.answered(barriers.ask(1), 2);
  barriers.applied(2);
  expect(passed).toEqual(['x 2']);
});

it('a refusal that comes twice is followed by one question', () => {
  const refused = ask('x', 0);
  barriers.answered(refused, undefined);
  const again = barriers.ask(1);
  barriers.answered(refused, undefined);
  expect(barriers.hasUnasked).toBe(false);
  barriers.answered(again, undefined);
  expect(barriers.hasUnasked).toBe(true);
});
