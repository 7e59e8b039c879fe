import * as hamok from 'hamok';
import { beforeEach, expect, test } from 'vitest';
import { takeSnapshot } from '../../src/grid/faults/snapshot.js';
import { gridPlanOf } from '../../src/grid/plan.js';
import type { Process } from '../../src/grid/world/process.js';
import { World } from '../../src/grid/world/world.js';
import { SeededRandom } from '../../src/random.js';
import { Trace } from '../../src/world/trace.js';

let world: World;
let process: Process;
let returned: Process[];

beforeEach(() => {
  const random = new SeededRandom(1);
  const plan = { ...gridPlanOf(random.fork()), durability: 'none' } as const;
  returned = [];
  const watch = { name: 'returns', source: 'this test', onRejoin: (each: Process) => void returned.push(each) };
  world = new World(plan, hamok, random, [watch], new Trace());
  process = world.spawn('a', 'a', {});
});

/** As something that happens in its time. */
async function does(run: () => void): Promise<void> {
  world.queue.after(0, () => process.act(run));
  await world.runFor(100);
}

test('who is closed before it could start has done nothing wrong', async () => {
  const closing = does(() => {
    process.start();
    void process.hamok.close();
  });
  await expect(closing).resolves.toBeUndefined();
  expect(process.hamok.run).toBe(false);
});

test('who is told to start while it takes part does not come back', async () => {
  await does(() => process.start());
  await does(() => process.start());
  expect(returned).toEqual([]);
});

test('who is about to leave asks that as whoever it has become', async () => {
  await does(() => process.start());
  world.departing.add(process);
  world.rejoining(process);
  expect([...world.dismissed]).toEqual([process.hamok.raft?.member]);
});

test('who is to take a snapshot, and is in no grid by then, takes none', async () => {
  const failed = {
    name: 'fails',
    source: 'this test',
    onError: (_: Process, error: Error) => expect.unreachable(`${error}`),
  };
  world = new World(world.plan, hamok, new SeededRandom(1), [failed], new Trace());
  process = world.spawn('a', 'a', {});
  await does(() => process.start());
  await expect(does(() => takeSnapshot(process))).resolves.toBeUndefined();
});
