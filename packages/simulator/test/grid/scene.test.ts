import { expect, test } from 'vitest';
import { punctualCalls } from '../../src/grid/invariants/punctual-calls.js';
import { follow } from '../../src/grid/workload/calls.js';
import { sceneOf } from '../../src/grid/world/scene.js';
import { anEmptyWorld } from './a-world.js';

test('the scene shows the calls that have not ended, as those are named that do not end in time', () => {
  const { world } = anEmptyWorld(1);
  const process = world.spawn('a', 'a', {});
  void follow(process, 'map get(x)', new Promise(() => undefined), { timeoutInMs: 0 });
  world.queue.after(1000, () => undefined);
  world.queue.runNext(1000);
  const call = 'a#1 #1 map get(x), asked at 0.0';
  expect(sceneOf(world).slice(-2)).toEqual(['calls that have not ended, the first of 1', `  ${call}`]);
  expect(() => punctualCalls().onStep?.(process)).toThrow(`${call}, is late by 1000.0 ms`);
});
