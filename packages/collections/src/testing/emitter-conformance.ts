import type { Collections } from '../collections.js';
import type { HamokEmitter } from '../emitter/hamok-emitter.js';
import { equal, rejectsWith } from './check.js';
import type { GridUnderTest } from './grid-under-test.js';
import type { Runner } from './runner.js';

/** What the suite asks of a member: `Collections`, and everything built on it, has it. */
export type EmitterMember = Pick<Collections, 'createEmitter' | 'getOrCreateEmitter'>;
export type EmitterGrid = GridUnderTest<EmitterMember>;

type Events = { counted: [by: number, n: number]; done: [] };
type CountEmitter = HamokEmitter<Events, { role: string }>;

/** How an emitter behaves, over any engine. `create` makes a fresh grid of that many members. */
export function emitterConformance(
  runner: Runner,
  counts: readonly number[],
  create: (count: number) => Promise<EmitterGrid>,
): void {
  for (const count of counts) runner.describe(`an emitter among ${count}`, () => cases(runner, count, create));
}

function cases({ it }: Runner, count: number, create: (count: number) => Promise<EmitterGrid>): void {
  function test(
    name: string,
    body: (
      emitters: readonly CountEmitter[],
      first: CountEmitter,
      last: CountEmitter,
      grid: EmitterGrid,
    ) => Promise<void>,
  ): void {
    it(name, async () => {
      const grid = await create(count);
      try {
        const emitters = grid.members.map((member) =>
          member.createEmitter<Events, { role: string }>({ emitterId: 'counts' }),
        );
        const [first, last] = [emitters[0], emitters.at(-1)];
        if (first === undefined || last === undefined) throw new Error('a grid without members');
        await Promise.all(emitters.map(({ ready }) => ready));
        await body(emitters, first, last, grid);
      } finally {
        await grid.close();
      }
    });
  }

  test('publishes each event to everyone once, in one order', async (emitters, _first, _last, grid) => {
    const heard = emitters.map(() => [] as [number, number][]);
    await Promise.all(
      emitters.map((emitter, i) => emitter.subscribe('counted', (by, n) => void heard[i]?.push([by, n]))),
    );
    const rounds = Array.from({ length: 20 }, (_, n) => n);
    const published = await Promise.all(
      emitters.flatMap((emitter, by) => rounds.map((n) => emitter.publish('counted', by, n))),
    );
    for (const ids of published) equal(new Set(ids).size, count, 'members that delivered');
    await grid.settled();
    for (const events of heard) {
      equal(events, heard[0], 'the order');
      equal(events.length, 20 * count, 'the number');
    }
    for (const by of emitters.keys())
      equal(
        heard[0]?.filter(([from]) => from === by).map(([, n]) => n),
        rounds,
        `the events of ${by}`,
      );
  });

  test('reaches a subscription with whatever is published after it', async (_emitters, first, last) => {
    const heard: string[] = [];
    equal(await last.publish('done'), [], 'nobody');
    const listener = () => void heard.push('done');
    await first.subscribe('done', listener);
    equal(await last.hasSubscribers('done'), true, 'known at once');
    equal((await last.publish('done')).length, 1, 'one');
    equal(heard, ['done'], 'heard');
    await first.unsubscribe('done', listener);
    equal(await last.hasSubscribers('done'), false, 'known at once');
    equal(await last.publish('done'), [], 'nobody again');
    equal(heard, ['done'], 'heard before');
  });

  test('ends a subscription with its last listener, and only that of its event', async (_emitters, first, last) => {
    const listener = () => undefined;
    const other = () => undefined;
    await first.subscribe('done', listener);
    await first.subscribe('done', other);
    await first.subscribe('counted', listener);
    await first.unsubscribe('done', listener);
    equal(await last.hasSubscribers('done'), true, 'another listener');
    await first.unsubscribe('done', other);
    equal(await last.hasSubscribers('done'), false, 'no listener');
    equal(await last.hasSubscribers('counted'), true, 'another event');
    await first.clear();
    equal(await last.hasSubscribers('counted'), false, 'cleared');
  });

  test('shows metadata everywhere', async (_emitters, first, last, grid) => {
    await first.subscribe('done', () => undefined, { role: 'reader' });
    equal(await first.updateSubscriptionMetaData('done', { role: 'x' }, { role: 'other' }), false, 'not what it was');
    equal(await first.updateSubscriptionMetaData('done', { role: 'writer' }, { role: 'reader' }), true, 'what it was');
    await grid.settled();
    equal([...last.subscriptions.getEventPeersMap('done').values()], [{ role: 'writer' }], 'metadata');
    equal(last.export().subscriptions[0]?.subscribers[0]?.metaData, { role: 'writer' }, 'exported');
    equal(await last.cleanup(), undefined, 'nothing to clean up');
  });

  test('notifies without the log', async (_emitters, first, last) => {
    let hear: (n: number) => void = () => undefined;
    const heard = new Promise<number>((resolve) => {
      hear = resolve;
    });
    await first.subscribe('counted', (_by, n) => hear(n));
    // From here on it is known on that member, too.
    await last.hasSubscribers('counted');
    equal(last.notify('counted', 0, 5), true, 'handed over');
    equal(await heard, 5, 'heard');
    equal(last.emit('done'), false, 'nobody listens');
  });

  test('unsubscribes a facade that is closed, which can be shown again', async (_emitters, first, last, grid) => {
    await first.subscribe('done', () => undefined);
    first.close();
    await rejectsWith(first.publish('done'), 'closed', 'a closed facade');
    const again = grid.members[0]?.getOrCreateEmitter<Events>({ emitterId: 'counts' });
    await again?.ready;
    equal(await again?.hasSubscribers('done'), false, 'unsubscribed');
    await again?.subscribe('done', () => undefined);
    const publisher = first === last ? again : last;
    equal((await publisher?.publish('done'))?.length, 1, 'subscribed again');
  });
}
