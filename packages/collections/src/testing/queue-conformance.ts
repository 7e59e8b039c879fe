import type { Collections } from '../collections.js';
import type { HamokQueue } from '../queue/hamok-queue.js';
import type { HamokQueueEvents } from '../queue/queue-options.js';
import { equal, rejectsWith } from './check.js';
import type { GridUnderTest } from './grid-under-test.js';
import type { Runner } from './runner.js';

/** What the suite asks of a member: `Collections`, and everything built on it, has it. */
export type QueueMember = Pick<Collections, 'createQueue' | 'getOrCreateQueue'>;

export interface QueueGrid extends GridUnderTest<QueueMember> {
  /** Lets at least so much log time pass. */
  pass(ms: number): Promise<void>;
}

/** How a replicated queue behaves, over any engine. `create` makes a fresh grid of that many members. */
export function queueConformance(
  runner: Runner,
  counts: readonly number[],
  create: (count: number) => Promise<QueueGrid>,
): void {
  for (const count of counts) runner.describe(`a queue among ${count}`, () => cases(runner, count, create));
}

type NumberQueue = HamokQueue<number>;

function cases({ it }: Runner, count: number, create: (count: number) => Promise<QueueGrid>): void {
  /** Gives the queues of the first and of the last member. */
  function test(name: string, body: (first: NumberQueue, last: NumberQueue, grid: QueueGrid) => Promise<void>): void {
    it(name, async () => {
      const grid = await create(count);
      try {
        const queues = grid.members.map((member) =>
          member.createQueue<number>({ queueId: 'numbers', maxDeliveries: 2 }),
        );
        const [first, last] = [queues[0], queues.at(-1)];
        if (first === undefined || last === undefined) throw new Error('a grid without members');
        await Promise.all(queues.map(({ ready }) => ready));
        await body(first, last, grid);
      } finally {
        await grid.close();
      }
    });
  }

  test('gives its items in the order in which they came, and undefined when it has none', async (first, last, grid) => {
    await first.push(1, 2);
    await last.push(3);
    await grid.settled();
    for (const queue of [first, last])
      equal([[...queue], queue.size, queue.empty, queue.peek()], [[1, 2, 3], 3, false, 1], 'content');
    equal([await last.pop(), await first.dequeue(), await last.pop(), await first.pop()], [1, 2, 3, undefined], 'pops');
    await grid.settled();
    for (const queue of [first, last]) equal([queue.size, queue.empty, queue.peek()], [0, true, undefined], 'content');
  });

  test('gives each item to one caller', async (first, last, grid) => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all([first.push(...items.slice(0, 50)), last.push(...items.slice(50))]);
    await grid.settled();
    const popped = await Promise.all(Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? first : last).pop()));
    const taken = popped.filter((item) => item !== undefined).sort((a, b) => a - b);
    equal(taken, items, 'items');
  });

  test('serves those who wait, each item to one of them', async (first, last, grid) => {
    const waits = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first : last).pop({ wait: true }));
    await grid.settled();
    for (let i = 0; i < 20; i += 2) await last.push(i, i + 1);
    equal(
      (await Promise.all(waits)).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
      'items',
    );
    await grid.settled();
    equal([first.size, last.size], [0, 0], 'sizes');
  });

  test('takes nothing for who gave up waiting', async (first, last, grid) => {
    const controller = new AbortController();
    const wait = last.pop({ wait: true, signal: controller.signal });
    // The grid knows of the wait when it has carried out a later call of the same member.
    await last.clear();
    controller.abort();
    await rejectsWith(wait, 'not-committed', 'aborted wait');
    await rejectsWith(first.take({ signal: controller.signal }), 'not-committed', 'wait that was never begun');
    await first.push(1);
    await grid.settled();
    equal(await first.pop({ wait: true }), 1, 'item');
  });

  test('offers what is taken again, unless it is acknowledged', async (first, last, grid) => {
    await first.push(1, 2, 3);
    const [one, two] = [await last.take(), await last.take({ visibilityTimeoutInMs: 200 })];
    equal([one.item, one.deliveries, two.item], [1, 1, 2], 'taken');
    equal([await one.ack(), await one.ack()], [true, false], 'ack');
    await grid.pass(300);
    await grid.settled();
    equal(await two.ack(), false, 'ack of what was lost');
    const again = await first.take();
    equal([again.item, again.deliveries], [2, 2], 'taken again');
    equal([await again.extend(), await again.nack()], [true, true], 'extended, and given back');
    await grid.settled();
    equal([[...first.deadLetters()], [...last.deadLetters()]], [[2], [2]], 'dead letters');
    equal([await last.drainDeadLetters(), [...last]], [[2], [3]], 'drained');
  });

  test('holds delayed items back, and makes a push with one id once', async (first, last, grid) => {
    const late = last.take();
    equal(await first.pushAll([1], { delayInMs: 200, dedupId: 'x' }), true, 'first push');
    equal(await last.pushAll([1], { dedupId: 'x' }), false, 'second push');
    await grid.settled();
    equal([first.size, last.size], [0, 0], 'sizes');
    await grid.pass(300);
    equal((await late).item, 1, 'item');
  });

  test('fires the events of all members in the order of the changes', async (first, last, grid) => {
    const seen = [record(first), record(last)];
    await first.push(1, 2);
    await last.pop();
    await (await last.take()).nack();
    await first.pop();
    await first.pop();
    await last.push(3);
    await last.clear();
    await grid.settled();
    const expected = [
      ['add', 1],
      ['add', 2],
      ['not-empty'],
      ['remove', 1],
      ['remove', 2],
      ['empty'],
      ['add', 2],
      ['not-empty'],
      ['remove', 2],
      ['empty'],
      ['add', 3],
      ['not-empty'],
      ['empty'],
    ];
    for (const events of seen) equal(events, expected, 'events');
  });

  test('attaches to a queue that is there', async (first, last, grid) => {
    await first.push(1);
    await grid.settled();
    last.close();
    await rejectsWith(last.push(2), 'closed', 'push to a closed queue');
    const options = { queueId: 'numbers', baseMap: new Map([[0, 7]]) };
    const again = grid.members.at(-1)?.getOrCreateQueue<number>(options);
    await again?.ready;
    equal([...(again ?? [])], [1], 'content');
    let existed: boolean | undefined;
    const same = grid.members.at(-1)?.getOrCreateQueue<number>(options, (already) => {
      existed = already;
    });
    equal([same === again, existed], [true, true], 'the same facade');
  });

  test('exports what it holds, and imports it in the place of what is there', async (first, last, grid) => {
    await first.push(1, 2);
    const snapshot = first.export();
    equal(snapshot, { queueId: 'numbers', keys: ['0', '1'], values: ['1', '2'] }, 'snapshot');
    await last.push(3);
    await last.import(snapshot);
    await grid.settled();
    equal([...first], [1, 2], 'content');
    await last.import({ queueId: 'numbers', keys: ['41'], values: ['9'] });
    await grid.settled();
    equal([...first], [9], 'content of one item');
  });
}

function record(queue: NumberQueue): unknown[] {
  const seen: unknown[] = [];
  for (const event of [
    'add',
    'remove',
    'empty',
    'not-empty',
    'dead-letter',
  ] satisfies (keyof HamokQueueEvents<number>)[])
    queue.on(event, (...details: unknown[]) => seen.push([event, ...details]));
  return seen;
}
