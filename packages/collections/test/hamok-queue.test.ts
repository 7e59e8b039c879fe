import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collections, type HamokQueue, SingleMemberEngine } from '../src/index.js';
import { encodeCommand } from '../src/replicated/command.js';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

async function queues(count: number, options: { readonly maxDeliveries?: number } = {}) {
  const started = await startGrid(count);
  const all = started.members.map((member) => member.createQueue<unknown>({ queueId: 'q', ...options }));
  await Promise.all(all.map(({ ready }) => ready));
  const queue = (position: number): HamokQueue<unknown> => all[position] ?? expect.fail();
  return { ...started, queue };
}

/** What became of a promise so far. */
function watch<T>(promise: Promise<T>) {
  const outcome: { value?: T; error?: unknown; done: boolean } = { done: false };
  promise.then(
    (value) => Object.assign(outcome, { value, done: true }),
    (error: unknown) => Object.assign(outcome, { error, done: true }),
  );
  return outcome;
}

describe('a queue', () => {
  it('behaves like a list from which the first is taken', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('push', 'pop', 'pop', 'clear'), fc.array(fc.jsonValue(), { maxLength: 3 }))),
        async (steps) => {
          const { queue } = await queues(1);
          let model: fc.JsonValue[] = [];
          const json = (value: fc.JsonValue): fc.JsonValue => JSON.parse(JSON.stringify(value));
          for (const [step, items] of steps) {
            if (step === 'push') {
              await queue(0).push(...items);
              model.push(...items.map(json));
            } else if (step === 'pop') {
              expect(await queue(0).pop()).toEqual(model.shift());
            } else if (step === 'clear') {
              await queue(0).clear();
              model = [];
            }
            expect([...queue(0)]).toEqual(model);
            expect([queue(0).size, queue(0).empty]).toEqual([model.length, model.length === 0]);
            expect(queue(0).peek()).toEqual(model[0]);
          }
        },
      ),
    ));

  it('pops with one command each, however many callers there are', async () => {
    const { grid, queue } = await queues(3);
    await queue(0).push(...Array.from({ length: 64 }, (_, i) => i));
    const { length } = grid.log;
    const popped = await Promise.all(Array.from({ length: 70 }, (_, i) => queue(i % 3).pop()));
    expect(popped.filter((item) => item !== undefined).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 64 }, (_, i) => i),
    );
    expect(grid.log.length - length).toBe(70);
  });

  it('holds a hundred thousand items, from first to last', async () => {
    const collections = new Collections(new SingleMemberEngine());
    await collections.start();
    const queue = collections.createQueue<number>({ queueId: 'q' });
    const count = 100_000;
    for (let from = 0; from < count; from += 1000)
      await queue.push(...Array.from({ length: 1000 }, (_, i) => from + i));
    expect([queue.size, queue.peek()]).toEqual([count, 0]);
    for (let from = 0; from < count; from += 1000) {
      const popped = await Promise.all(Array.from({ length: 1000 }, () => queue.pop()));
      expect([popped[0], popped[999]]).toEqual([from, from + 999]);
    }
    expect(queue.empty).toBe(true);
    collections.close();
  });

  it('puts an item whose caller is gone back at the head', async () => {
    const { grid, clock, queue } = await queues(2);
    await queue(0).push(1, 2);
    grid.holding = true;
    const popped = watch(queue(1).pop({ timeoutInMs: 50 }));
    await clock.advance(60);
    expect(popped.error).toMatchObject({ code: 'indeterminate', mayHaveHappened: true });
    grid.holding = false;
    grid.commit();
    await settle();
    expect([...queue(0)]).toEqual([1, 2]);
  });

  it('puts such an item back as another incarnation, where it could not before', async () => {
    const { grid, clock, queue } = await queues(2);
    await queue(0).push(1, 2);
    grid.fate = () => 'commit-unheard';
    grid.member('b@1').paused = true;
    const popped = watch(queue(1).pop({ timeoutInMs: 50 }));
    await clock.advance(60);
    expect(popped.error).toMatchObject({ code: 'indeterminate' });
    grid.fate = () => 'refuse';
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await settle();
    expect([...queue(0)]).toEqual([2]);
    await grid.reincarnate('b@1', 'b@2');
    grid.fate = () => 'commit';
    await clock.advance(1000);
    expect([...queue(0)]).toEqual([1, 2]);
  });

  it('refuses what cannot be encoded, or is not an option, before anything is sent', async () => {
    const { grid, member, queue } = await queues(1);
    const { length } = grid.log;
    await expect(queue(0).push(1, undefined)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    for (const options of [{ delayInMs: -1 }, { dedupId: '' }, { dedupId: 'a', dedupRetentionInMs: 0 }])
      await expect(queue(0).pushAll([1], options)).rejects.toMatchObject({ code: 'option' });
    for (const visibilityTimeoutInMs of [0, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(queue(0).take({ visibilityTimeoutInMs })).rejects.toMatchObject({ code: 'option' });
    await expect(queue(0).pop({ wait: true, timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option' });
    await expect(queue(0).push('x'.repeat(5 * 1024 * 1024))).rejects.toMatchObject({ code: 'too-large' });
    for (const maxDeliveries of [0, 1.5])
      expect(() => member(0).createQueue({ queueId: 'r', maxDeliveries })).toThrow(
        expect.objectContaining({ code: 'option', field: 'maxDeliveries' }),
      );
    await queue(0).push();
    expect(grid.log.length).toBe(length);
  });

  it('takes a batch that is too large for one change in several, where it may', async () => {
    const { grid, member } = await startGrid(1, { maxCommandBytes: 2048 });
    const queue = member(0).createQueue<string>({ queueId: 'q', maxOutboundMessageValues: 30 });
    await queue.ready;
    const items = Array.from({ length: 100 }, (_, i) => `item ${i} ${'x'.repeat(i)}`);
    await expect(queue.pushAll(items)).rejects.toMatchObject({ code: 'too-large' });
    expect(queue.empty).toBe(true);
    const { length } = grid.log;
    expect(await queue.pushAll(items, { atomic: false })).toBe(true);
    expect([...queue]).toEqual(items);
    expect(grid.log.length - length).toBeGreaterThan(3);
    await expect(queue.pushAll(items, { atomic: false, dedupId: 'x' })).rejects.toMatchObject({ field: 'atomic' });
    const { size } = queue;
    const withOneTooLarge = queue.pushAll([...items, 'x'.repeat(5000)], { atomic: false });
    await expect(withOneTooLarge).rejects.toMatchObject({ code: 'too-large', mayHaveHappened: false });
    expect(queue.size).toBe(size);
  });

  it('is not a map, on any member', async () => {
    const { member, queue } = await queues(2);
    await settle();
    for (const position of [0, 1]) {
      expect(() => member(position).getOrCreateMap({ mapId: 'q' })).toThrow(
        expect.objectContaining({ code: 'storage-kind', found: 'queue' }),
      );
      queue(position).close();
      expect(() => member(position).createMap({ mapId: 'q' })).toThrow(
        expect.objectContaining({ code: 'storage-kind', asked: 'map', found: 'queue' }),
      );
    }
  });

  it('gives a typed error from every call where the log gave its id to another kind', async () => {
    const { grid, member } = await startGrid(2);
    const open = { type: MessageType.STORAGE_OPEN_REQUEST };
    grid.member('b@1').paused = true;
    await grid.member('a@1').propose(encodeCommand({ id: 'x', kind: StorageKind.MAP }, open, 'a', 1, 1, 0));
    const queue = member(1).createQueue<number>({ queueId: 'x' });
    const calls = [queue.push(1), queue.pop(), queue.pop({ wait: true }), queue.take(), queue.clear(), queue.ready];
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'storage-kind', asked: 'queue', found: 'map' },
      });
    expect([queue.size, queue.peek(), [...queue]]).toEqual([0, undefined, []]);
  });

  it('gives what it cannot decode as an error of that call, and goes on', async () => {
    const { errors, member } = await startGrid(2);
    const raw = { encode: (value: Uint8Array) => value, decode: (encoded: Uint8Array) => encoded };
    const writer = member(0).createQueue<Uint8Array>({ queueId: 'q', codec: raw });
    const reader = member(1).createQueue<unknown>({ queueId: 'q' });
    const seen: unknown[] = [];
    reader.on('add', (item) => seen.push(item));
    await reader.ready;
    await writer.push(Uint8Array.of(0xff), Uint8Array.of(0x31));
    await settle();
    expect(() => reader.peek()).toThrow(expect.objectContaining({ code: 'codec' }));
    expect([seen, errors]).toMatchObject([[1], [{ code: 'codec' }]]);
    await expect(reader.pop()).rejects.toMatchObject({ code: 'codec', mayHaveHappened: true });
    expect(await reader.pop()).toBe(1);
  });

  it('reports what a listener throws, and changes all the same', async () => {
    const { errors, queue } = await queues(1);
    queue(0).on('add', () => {
      throw new Error('mine');
    });
    await queue(0).push(1);
    expect(queue(0).size).toBe(1);
    expect(errors).toMatchObject([{ code: 'listener', cause: { message: 'mine' } }]);
  });
});

describe('who waits for an item', () => {
  it('is served in turn, over all members, without asking again', async () => {
    const { grid, queue } = await queues(3);
    const waits: Promise<unknown>[] = [];
    for (const position of [2, 0, 1]) {
      waits.push(queue(position).pop({ wait: true }));
      await settle();
    }
    const { length } = grid.log;
    await settle();
    expect(grid.log.length).toBe(length);
    await queue(1).push('first', 'second', 'third');
    expect(await Promise.all(waits)).toEqual(['first', 'second', 'third']);
    expect([...queue(0)]).toEqual([]);
  });

  it('gets what is there at once, by one command', async () => {
    const { grid, queue } = await queues(1);
    await queue(0).push(1);
    const { length } = grid.log;
    expect(await queue(0).dequeue({ wait: true })).toBe(1);
    expect(grid.log.length).toBe(length + 1);
  });

  it('may give up, and takes nothing then', async () => {
    const { clock, queue } = await queues(2);
    const controller = new AbortController();
    const aborted = watch(queue(0).pop({ wait: true, signal: controller.signal }));
    const timed = watch(queue(1).take({ timeoutInMs: 40 }));
    const patient = watch(queue(1).pop({ wait: true }));
    await settle();
    controller.abort(new Error('enough'));
    await clock.advance(50);
    expect(aborted.error).toMatchObject({ code: 'not-committed', reason: 'aborted', cause: { message: 'enough' } });
    expect(timed.error).toMatchObject({ code: 'not-committed', reason: 'timed-out', mayHaveHappened: false });
    await queue(0).push(1, 2);
    await settle();
    expect([patient.value, [...queue(0)]]).toEqual([1, [2]]);
    const late = queue(0).pop({ wait: true, signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: 'not-committed' });
  });

  it('that was handed an item when it gave up leaves it to the next one', async () => {
    const { grid, queue } = await queues(2);
    const controller = new AbortController();
    const first = watch(queue(1).pop({ wait: true, signal: controller.signal }));
    await settle();
    const second = watch(queue(0).pop({ wait: true }));
    await settle();
    // The item is handed over in the log before the cancellation, which is on its way.
    grid.member('b@1').paused = true;
    await queue(0).push(7);
    controller.abort();
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await settle();
    expect(first.error).toMatchObject({ code: 'not-committed' });
    expect(second.value).toBe(7);
  });

  it('that gives up while it confirms puts the item back, if it got it', async () => {
    const { grid, queue } = await queues(2);
    const controller = new AbortController();
    const wait = watch(queue(1).pop({ wait: true, signal: controller.signal }));
    await settle();
    const fates = ['commit', 'delay'] as const;
    let proposals = 0;
    grid.fate = () => fates[proposals++] ?? 'commit';
    await queue(0).push(7);
    await settle();
    controller.abort();
    grid.release();
    await settle();
    expect(wait.error).toMatchObject({ code: 'indeterminate' });
    expect([...queue(0)]).toEqual([7]);
  });

  it('and leaves the grid is passed over, and what it was handed goes to the next one', async () => {
    const { grid, queue, clock } = await queues(3);
    const gone = watch(queue(2).pop({ wait: true }));
    await settle();
    const next = watch(queue(1).pop({ wait: true }));
    await settle();
    grid.member('c@1').paused = true;
    await queue(0).push(1);
    await settle();
    expect([gone.done, next.done]).toEqual([false, false]);
    grid.leave('c@1');
    await clock.advance(1);
    expect([gone.done, next.value]).toEqual([false, 1]);
  });

  it('waits on as another incarnation, and when its state is replaced', async () => {
    const { grid, queue } = await queues(3);
    const wait = watch(queue(2).pop({ wait: true }));
    const other = watch(queue(1).take());
    await settle();
    await grid.reincarnate('c@1', 'c@2');
    await settle();
    grid.member('b@1').paused = true;
    await queue(0).push(1, 2);
    await grid.sendSnapshot('b@1');
    await settle();
    expect([other.value?.item, wait.value]).toEqual([1, 2]);
  });

  it('waits on as another incarnation, where the grid had not heard of the wait', async () => {
    const { grid, queue, clock } = await queues(2);
    grid.fate = (from) => (from === 'b@1' ? 'refuse' : 'commit');
    const wait = watch(queue(1).take());
    await settle();
    await grid.reincarnate('b@1', 'b@2');
    await clock.advance(1000);
    await queue(0).push(1);
    await settle();
    expect([wait.value?.item, wait.error]).toEqual([1, undefined]);
  });

  it('waits on when the item that it was handed is gone before it could confirm', async () => {
    const { grid, queue, clock } = await queues(2);
    const cleared = watch(queue(1).pop({ wait: true }));
    await settle();
    grid.member('b@1').paused = true;
    await queue(0).push('cleared');
    await queue(0).clear();
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await queue(0).push('slow');
    await settle();
    expect(cleared.value).toBe('slow');
    const slow = watch(queue(1).pop({ wait: true }));
    await settle();
    grid.member('b@1').paused = true;
    await queue(0).push('offered again');
    await clock.advance(11_000);
    expect([...queue(0)]).toEqual(['offered again']);
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    await settle();
    expect(slow.value).toBe('offered again');
  });

  it('has an answer when the queue is closed', async () => {
    const { queue, clock, members } = await queues(2);
    const waits = [watch(queue(1).pop({ wait: true })), watch(queue(1).take({ timeoutInMs: 1000 }))];
    await settle();
    queue(1).close();
    await settle();
    for (const { error } of waits) expect(error).toMatchObject({ code: 'closed' });
    await expect(queue(1).pop({ wait: true })).rejects.toMatchObject({ code: 'closed' });
    await queue(0).push(1);
    expect([...queue(0)]).toEqual([1]);
    for (const member of members) member.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not kept waiting by one of an earlier life, of whom nobody knows', async () => {
    const { clock, grid, queue, member } = await queues(2);
    const [sequence, wait] = [3, { type: MessageType.QUEUE_WAIT_REQUEST }];
    expect(member(1).machine.members).toContain('b@1');
    await grid
      .member('b@1')
      .propose(encodeCommand({ id: 'q', kind: StorageKind.QUEUE }, wait, 'b', 1, sequence - 1, 0));
    await settle();
    const patient = watch(queue(0).pop({ wait: true }));
    await settle();
    await queue(0).push(1);
    await clock.advance(2000);
    expect(patient.value).toBe(1);
  });
});

describe('who takes an item', () => {
  it('holds it until it is acknowledged', async () => {
    const { queue, clock } = await queues(2);
    await queue(0).push('a', 'b');
    const held = await queue(1).take();
    expect([held.item, held.deliveries, queue(1).size, queue(1).peek()]).toEqual(['a', 1, 1, 'b']);
    expect(await held.ack()).toBe(true);
    expect(await held.ack()).toBe(false);
    await clock.advance(60_000);
    expect([...queue(0)]).toEqual(['b']);
  });

  it('loses it in time, unless it extends it, and it comes back in its place', async () => {
    const { queue, clock } = await queues(2);
    await queue(0).push('a', 'b', 'c');
    const first = await queue(1).take({ visibilityTimeoutInMs: 100 });
    const second = await queue(1).take({ visibilityTimeoutInMs: 100 });
    await clock.advance(60);
    expect(await second.extend()).toBe(true);
    await clock.advance(50);
    expect([...queue(0)]).toEqual(['a', 'c']);
    expect([await first.ack(), await first.extend(), await first.nack()]).toEqual([false, false, false]);
    await clock.advance(60);
    expect([...queue(0)]).toEqual(['a', 'b', 'c']);
    expect((await queue(0).take()).deliveries).toBe(2);
  });

  it('may give it back, at once or later', async () => {
    const { queue, clock } = await queues(2);
    await queue(0).push('a', 'b');
    await (await queue(1).take()).nack();
    expect([...queue(1)]).toEqual(['a', 'b']);
    await (await queue(1).take()).nack(500);
    expect([...queue(1)]).toEqual(['b']);
    await clock.advance(499);
    expect(queue(1).size).toBe(1);
    await clock.advance(2);
    expect([...queue(1)]).toEqual(['a', 'b']);
  });

  it('loses it when it leaves the grid, at once', async () => {
    const { grid, queue, clock } = await queues(3);
    await queue(0).push('a', 'b');
    const held = await queue(2).take({ visibilityTimeoutInMs: 1e9 });
    expect(held.item).toBe('a');
    grid.leave('c@1');
    await clock.advance(1);
    expect([...queue(0)]).toEqual(['a', 'b']);
    const again = await queue(0).take();
    expect([again.item, again.deliveries]).toEqual(['a', 2]);
  });

  it('alone may acknowledge it', async () => {
    const { grid, queue } = await queues(2);
    await queue(0).push('a');
    const held = await queue(1).take();
    const command = { type: MessageType.QUEUE_ACKNOWLEDGE_REQUEST, tickets: [1] };
    await grid.member('a@1').propose(encodeCommand({ id: 'q', kind: StorageKind.QUEUE }, command, 'a', 1, 3, 0));
    expect(await held.ack()).toBe(true);
  });

  it('gets nothing where there is nothing and it does not wait', async () => {
    const { queue } = await queues(1);
    expect(await queue(0).take({ wait: false })).toBe(undefined);
    await queue(0).push(1);
    expect((await queue(0).take({ wait: false }))?.item).toBe(1);
  });

  it('does not count a delivery that nobody saw', async () => {
    const { grid, queue, clock } = await queues(2, { maxDeliveries: 1 });
    await queue(0).push('a');
    grid.holding = true;
    const gone = watch(queue(1).take({ wait: false, timeoutInMs: 50 }));
    await clock.advance(60);
    expect(gone.error).toMatchObject({ code: 'indeterminate' });
    grid.holding = false;
    grid.commit();
    await settle();
    expect((await queue(0).take()).deliveries).toBe(1);
  });
});

describe('an item', () => {
  it('that is delivered too often becomes a dead letter', async () => {
    const { queue, clock } = await queues(2, { maxDeliveries: 2 });
    const dead: unknown[] = [];
    queue(1).on('dead-letter', (item, deliveries) => dead.push([item, deliveries]));
    await queue(0).push('a', 'b');
    await (await queue(0).take()).nack();
    await queue(0).take({ visibilityTimeoutInMs: 100 });
    await clock.advance(200);
    expect([dead, [...queue(1)], [...queue(1).deadLetters()]]).toEqual([[['a', 2]], ['b'], ['a']]);
    expect(await queue(1).drainDeadLetters()).toEqual(['a']);
    expect(await queue(1).drainDeadLetters()).toEqual([]);
  });

  it('that is delayed comes in its place when its time has come', async () => {
    const { queue, clock } = await queues(2);
    await queue(0).pushAll(['late'], { delayInMs: 100 });
    await queue(0).push('now');
    const waiting = watch(
      queue(1)
        .pop({ wait: true })
        .then(() => queue(1).pop({ wait: true })),
    );
    await clock.advance(99);
    expect(waiting.done).toBe(false);
    await clock.advance(10);
    expect(waiting.value).toBe('late');
  });

  it('with a dedup id is pushed once while the id is remembered', async () => {
    const { queue, clock } = await queues(2);
    const options = { dedupId: 'order-1', dedupRetentionInMs: 1000 };
    expect(await queue(0).pushAll(['a'], options)).toBe(true);
    expect(await queue(1).pushAll(['a'], options)).toBe(false);
    expect(await queue(1).pop()).toBe('a');
    expect(await queue(1).pushAll(['a'], options)).toBe(false);
    await clock.advance(1001);
    expect(await queue(1).pushAll(['a'], options)).toBe(true);
    expect([...queue(0)]).toEqual(['a']);
  });
});

describe('the content of a queue', () => {
  it('is read from what 2.6.0 exported, one item included', async () => {
    const { queue } = await queues(1);
    await queue(0).push('other');
    await queue(0).import({ queueId: 'x', keys: ['7'], values: ['"only"'] }, true);
    expect([...queue(0)]).toEqual(['only']);
    await queue(0).import({ queueId: 'x', keys: ['10', '9'], values: ['{"b":2}', '{"a":1}'] });
    expect([...queue(0)]).toEqual([{ a: 1 }, { b: 2 }]);
    await queue(0).import({ queueId: 'x', keys: [], values: [] });
    expect(queue(0).empty).toBe(true);
    for (const [keys, values] of [
      [['1'], []],
      [['a'], ['1']],
      [
        ['1', '1'],
        ['1', '2'],
      ],
    ] satisfies [string[], string[]][])
      await expect(queue(0).import({ queueId: 'x', keys, values })).rejects.toMatchObject({ code: 'bad-snapshot' });
  });

  it('is exported with what is held and delayed, as bytes where it is not text', async () => {
    const { member } = await startGrid(1);
    const queue = member(0).createQueue<number>({ queueId: 'q' });
    await queue.push(1, 2, 3);
    await queue.take();
    await (await queue.take()).nack(1000);
    const exported = queue.export();
    expect(exported).toEqual({ queueId: 'q', keys: ['0', '1', '2'], values: ['1', '2', '3'] });
    await queue.import(exported);
    expect([...queue]).toEqual([1, 2, 3]);
    const raw = { encode: (value: Uint8Array) => value, decode: (encoded: Uint8Array) => encoded };
    const bytes = member(0).createQueue<Uint8Array>({ queueId: 'bytes', codec: raw });
    await bytes.push(Uint8Array.of(0xff, 1));
    expect(bytes.export().encoding).toBe('base64');
    await bytes.import(bytes.export());
    expect([...bytes]).toEqual([Uint8Array.of(0xff, 1)]);
  });

  it('begins with a base map once, whoever brings it, and however large it is', async () => {
    const { members, member } = await startGrid(2, { maxCommandBytes: 2048 });
    const content = Array.from({ length: 100 }, (_, i): [number, string] => [i + 5, `item ${i} ${'x'.repeat(40)}`]);
    const all = members.map((each) => each.createQueue({ queueId: 'q', baseMap: [...content].reverse() }));
    await Promise.all(all.map(({ ready }) => ready));
    const items = content.map(([, item]) => item);
    await settle();
    for (const queue of all) expect([...queue]).toEqual(items);
    while ((await all[0]?.pop()) !== undefined);
    all[1]?.close();
    const late = member(1).createQueue({ queueId: 'q', baseMap: content });
    await late.ready;
    expect(late.empty).toBe(true);
    await late.import({ queueId: 'q', keys: content.map(([key]) => String(key)), values: items.map((i) => `"${i}"`) });
    expect([...late]).toEqual(items);
  });

  it('is cleared with what is held and delayed', async () => {
    const { queue, clock } = await queues(1);
    await queue(0).push(1, 2);
    await queue(0).pushAll([3], { delayInMs: 10 });
    const held = await queue(0).take();
    await queue(0).clear();
    expect(await held.ack()).toBe(false);
    await clock.advance(60_000);
    expect(queue(0).empty).toBe(true);
  });
});
