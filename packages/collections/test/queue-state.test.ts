import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/bytes/byte-reader.js';
import { ByteWriter } from '../src/bytes/byte-writer.js';
import { Heap } from '../src/queue/heap.js';
import { queueModel } from '../src/queue/queue-model.js';
import { readGiven } from '../src/queue/queue-results.js';
import { QueueState } from '../src/queue/queue-state.js';
import { Waiters } from '../src/queue/waiters.js';
import type { StorageCommand } from '../src/replicated/command.js';
import { Refusal } from '../src/replicated/result.js';
import { type CommandInit, storageCommand } from './storage-command.js';

/** As the replicated state does it: what is due by then comes first. */
function apply(state: QueueState, each: StorageCommand, time: number) {
  while (state.nextDeadline <= time) state.expireNext({ index: 0, time });
  const result = state.apply(each, { index: 0, time });
  state.publish();
  if (result instanceof Refusal) throw new Error('refused');
  return result;
}

function records(state: QueueState): Uint8Array[] {
  const cut = state.cut();
  const writer = new ByteWriter();
  return Array.from({ length: cut.count }, (_, position) => {
    cut.write(position, writer);
    return writer.take();
  });
}

function restored(from: readonly Uint8Array[]): QueueState {
  const state = new QueueState();
  for (const each of from) state.restore(new ByteReader(each));
  return state;
}

const numberOf = (value: Uint8Array | undefined) => value?.[0];

/** The same queue, written down naively: one list of everything. */
class Model {
  items: { at: number; n: number; until: number; ticket: number; member: string; seen: number; lease: number }[] = [];
  waiters: { ticket: number; member: string; lease: number }[] = [];
  pushed = 0;
  tickets = 0;

  ready() {
    return this.items.filter(({ until, ticket }) => until === 0 && ticket === 0).sort((a, b) => a.at - b.at);
  }

  serve(time: number) {
    for (let [item] = this.ready(); item !== undefined && this.waiters.length > 0; [item] = this.ready()) {
      const waiter = this.waiters.shift();
      if (waiter !== undefined) this.hold(item, waiter, time);
    }
  }

  hold(item: Model['items'][number], by: Model['waiters'][number], time: number) {
    Object.assign(item, by);
    item.until = time + (by.lease === 0 ? 10_000 : by.lease);
    if (by.lease > 0) item.seen++;
  }

  /** Each in its turn: an item that comes back may be held again, and be due again, before the next one. */
  pass(time: number) {
    for (;;) {
      const due = this.items.filter(({ until }) => until !== 0 && until <= time);
      const isHeld = (item: Model['items'][number]) => (item.ticket > 0 ? 0 : 1);
      due.sort((a, b) => a.until - b.until || isHeld(a) - isHeld(b) || a.ticket - b.ticket || a.at - b.at);
      if (due[0] === undefined) return;
      Object.assign(due[0], { until: 0, ticket: 0 });
      this.serve(time);
    }
  }

  held(ticket: number, member: string) {
    return this.items.find((item) => item.ticket === ticket && item.member === member);
  }
}

const member = fc.constantFrom('a@1', 'b@1');
const ticket = fc.integer({ min: 1, max: 12 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('push' as const),
    count: fc.integer({ min: 1, max: 3 }),
    delay: fc.constantFrom(0, 0, 5),
  }),
  fc.record({ do: fc.constant('pop' as const) }),
  fc.record({ do: fc.constantFrom('take' as const, 'wait' as const), member, lease: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('wait' as const), member, lease: fc.constant(0) }),
  fc.record({ do: fc.constantFrom('ack' as const, 'cancel' as const), member, ticket }),
  fc.record({ do: fc.constant('nack' as const), member, ticket, delay: fc.constantFrom(0, 3) }),
  fc.record({ do: fc.constant('extend' as const), member, ticket, lease: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('leave' as const), member }),
);
const steps = fc.array(fc.tuple(step, fc.constantFrom(0, 0, 1, 4, 10_000)), { maxLength: 60 });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const lease = (inMs: number) => (inMs === 0 ? {} : { leaseInMs: inMs });

/** Carries a step out on the queue and on the model, and compares what both say. */
function carryOut(state: QueueState, model: Model, each: Step, time: number) {
  // A change of members has no log time.
  if (each.do !== 'leave') model.pass(time);
  switch (each.do) {
    case 'push': {
      const values = Array.from({ length: each.count }, () => Uint8Array.of(model.pushed++ % 256));
      const init = { type: MessageType.INSERT_ENTRIES_REQUEST, values, delayInMs: each.delay };
      expect(apply(state, storageCommand(init), time)).toBe(true);
      const until = each.delay === 0 ? 0 : time + each.delay;
      values.forEach((value, i) => {
        const at = model.pushed - values.length + i;
        model.items.push({ at, n: numberOf(value) ?? -1, until, ticket: 0, member: '', seen: 0, lease: 0 });
      });
      model.serve(time);
      return;
    }
    case 'pop': {
      const popped = apply(state, storageCommand({ type: MessageType.REMOVE_ENTRIES_REQUEST }), time);
      const [first] = model.ready();
      model.items = model.items.filter((item) => item !== first);
      expect(popped instanceof Uint8Array ? numberOf(popped) : undefined).toBe(first?.n);
      return;
    }
    case 'take':
    case 'wait': {
      const type = each.do === 'take' ? MessageType.QUEUE_TAKE_REQUEST : MessageType.QUEUE_WAIT_REQUEST;
      const given = readGiven(apply(state, storageCommand({ type, ...lease(each.lease), member: each.member }), time));
      const [first] = model.ready();
      if (first === undefined && each.do === 'take') return expect(given).toBe(undefined);
      if (first !== undefined && each.lease === 0) {
        model.items = model.items.filter((item) => item !== first);
        return expect(given).toMatchObject({ ticket: undefined, value: Uint8Array.of(first.n) });
      }
      const by = { ticket: ++model.tickets, member: each.member, lease: each.lease };
      if (first === undefined) {
        model.waiters.push(by);
        return expect(given).toEqual({ ticket: by.ticket });
      }
      model.hold(first, by, time);
      return expect(given).toEqual({ ticket: by.ticket, value: Uint8Array.of(first.n), deliveries: first.seen });
    }
    case 'leave': {
      state.membersChanged(new Set(['a@1', 'b@1'].filter((name) => name !== each.member)));
      model.waiters = model.waiters.filter((waiter) => waiter.member !== each.member);
      // A deadline of 0 is due with the next entry.
      for (const item of model.items) if (item.ticket > 0 && item.member === each.member) item.until = Number.MIN_VALUE;
      return;
    }
    default:
      return aboutTicket(state, model, each, time);
  }
}

function aboutTicket(state: QueueState, model: Model, each: Extract<Step, { ticket: number }>, time: number) {
  const types = {
    ack: MessageType.QUEUE_ACKNOWLEDGE_REQUEST,
    nack: MessageType.QUEUE_RETURN_REQUEST,
    cancel: MessageType.QUEUE_CANCEL_REQUEST,
    extend: MessageType.QUEUE_EXTEND_REQUEST,
  };
  const delayInMs = each.do === 'nack' ? each.delay : undefined;
  const leaseInMs = each.do === 'extend' ? each.lease : undefined;
  const init = { type: types[each.do], tickets: [each.ticket], delayInMs, leaseInMs };
  const result = apply(state, storageCommand({ ...init, member: each.member }), time);
  const held = model.held(each.ticket, each.member);
  const waits = (waiter: { ticket: number; member: string }) =>
    waiter.ticket === each.ticket && waiter.member === each.member;
  const isWaiting = each.do === 'cancel' && model.waiters.some(waits);
  expect(result).toEqual([held !== undefined || isWaiting]);
  if (each.do === 'cancel') model.waiters = model.waiters.filter((waiter) => !waits(waiter));
  if (held === undefined) return;
  if (each.do === 'ack') model.items = model.items.filter((item) => item !== held);
  if (each.do === 'extend') held.until = time + each.lease;
  if (each.do === 'cancel' && held.lease > 0) held.seen--;
  if (each.do === 'nack') Object.assign(held, { ticket: 0, until: each.delay === 0 ? 0 : time + each.delay });
  if (each.do === 'cancel') Object.assign(held, { ticket: 0, until: 0 });
  model.serve(time);
}

describe('the replicated queue', () => {
  it('does what its model does', () =>
    fc.assert(
      fc.property(steps, (all) => {
        const [state, model] = [new QueueState(), new Model()];
        let time = 0;
        for (const [each, pause] of all) {
          time += pause;
          carryOut(state, model, each, time);
          expect(state.ready.toArray().map(({ value }) => numberOf(value))).toEqual(model.ready().map(({ n }) => n));
          expect(state.waiters.toArray().map(({ ticket }) => ticket)).toEqual(
            model.waiters.map(({ ticket }) => ticket),
          );
          expect(state.leases.size).toBe(model.items.filter((item) => item.ticket > 0).length);
          expect(state.items().map(({ deliveries }) => deliveries)).toEqual(
            [...model.items].sort((a, b) => a.at - b.at).map(({ seen }) => seen),
          );
        }
      }),
      { numRuns: 400 },
    ));

  it('goes on after a restore as if there had been none, and its snapshot is the same', () =>
    fc.assert(
      fc.property(steps, fc.nat(60), (all, cutAt) => {
        let [whole, resumed] = [new QueueState(), new QueueState()];
        const [model, again] = [new Model(), new Model()];
        let time = 0;
        for (const [position, [each, pause]] of all.entries()) {
          time += pause;
          if (position === cutAt) resumed = restored(records(resumed));
          carryOut(whole, model, each, time);
          carryOut(resumed, again, each, time);
        }
        expect(records(resumed)).toEqual(records(whole));
        whole = restored(records(whole));
        expect(records(whole)).toEqual(records(resumed));
      }),
    ));

  it('keeps what was put back at the head, dead letters and dedup ids through a restore', () => {
    const state = new QueueState();
    const values = [1, 2].map((n) => Uint8Array.of(n));
    const push = { type: MessageType.INSERT_ENTRIES_REQUEST, values, dedupId: 'x', ttlInMs: 10 };
    apply(state, storageCommand(push), 0);
    apply(state, storageCommand({ type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: 5, maxDeliveries: 1 }), 0);
    apply(
      state,
      storageCommand({ type: MessageType.QUEUE_PUT_BACK_REQUEST, values: [3, 4].map((n) => Uint8Array.of(n)) }),
      6,
    );
    const again = restored(records(state));
    expect(again.ready.toArray().map(({ value }) => numberOf(value))).toEqual([3, 4, 2]);
    expect(again.deadLetters.map(({ value }) => numberOf(value))).toEqual([1]);
    expect([apply(again, storageCommand(push), 9), apply(again, storageCommand(push), 10)]).toEqual([false, true]);
    apply(again, storageCommand({ type: MessageType.QUEUE_PUT_BACK_REQUEST, values: [Uint8Array.of(5)] }), 10);
    for (const ticket of [2, 3])
      apply(again, storageCommand({ type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: ticket }), 10);
    apply(again, storageCommand({ type: MessageType.QUEUE_RETURN_REQUEST, tickets: [3, 2] }), 10);
    expect(again.ready.toArray().map(({ value }) => numberOf(value))).toEqual([5, 3, 4, 2, 1, 2]);
  });

  it('refuses records that are not of a queue', () => {
    const state = new QueueState();
    const value = Uint8Array.of(1);
    apply(
      state,
      storageCommand({ type: MessageType.INSERT_ENTRIES_REQUEST, values: [value], dedupId: 'x', ttlInMs: 1 }),
      0,
    );
    apply(state, storageCommand({ type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: 5 }), 0);
    apply(state, storageCommand({ type: MessageType.QUEUE_WAIT_REQUEST }), 0);
    const good = records(state);
    for (const record of good.slice(1))
      if (record[0] !== 1)
        expect(() => restored([...good, record])).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    for (const record of good)
      for (let length = 0; length < record.length; length++)
        expect(() => restored([record.subarray(0, length)])).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        try {
          restored([noise]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-snapshot' });
        }
      }),
    );
  });

  it('has commands of one form', () => {
    const values = [Uint8Array.of(1)];
    const accepted: CommandInit[] = [
      { type: MessageType.INSERT_ENTRIES_REQUEST, values, delayInMs: 0, revision: 0 },
      { type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: 1, maxDeliveries: 1 },
      { type: MessageType.QUEUE_WAIT_REQUEST },
      { type: MessageType.QUEUE_RETURN_REQUEST, tickets: [1], delayInMs: 0 },
      { type: MessageType.QUEUE_REPLACE_REQUEST },
      { type: MessageType.CLEAR_ENTRIES_REQUEST },
    ];
    const refused: CommandInit[] = [
      { type: MessageType.INSERT_ENTRIES_REQUEST },
      { type: MessageType.INSERT_ENTRIES_REQUEST, values, delayInMs: -1 },
      { type: MessageType.INSERT_ENTRIES_REQUEST, values, dedupId: 'x' },
      { type: MessageType.INSERT_ENTRIES_REQUEST, values, ttlInMs: 1 },
      { type: MessageType.INSERT_ENTRIES_REQUEST, values, revision: -1 },
      { type: MessageType.REMOVE_ENTRIES_REQUEST, keys: values },
      { type: MessageType.QUEUE_TAKE_REQUEST },
      { type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: 0 },
      { type: MessageType.QUEUE_WAIT_REQUEST, maxDeliveries: 0 },
      { type: MessageType.QUEUE_ACKNOWLEDGE_REQUEST },
      { type: MessageType.QUEUE_RETURN_REQUEST, tickets: [1], delayInMs: -1 },
      { type: MessageType.QUEUE_EXTEND_REQUEST, tickets: [1] },
      { type: MessageType.QUEUE_PUT_BACK_REQUEST },
      { type: MessageType.UPDATE_ENTRIES_REQUEST, values },
    ];
    for (const each of accepted) expect(queueModel.accepts(storageCommand(each))).toBe(true);
    for (const each of refused) expect(queueModel.accepts(storageCommand(each))).toBe(false);
    expect(queueModel.create(StorageKind.QUEUE).kind).toBe(StorageKind.QUEUE);
  });
});

describe('those who wait', () => {
  it('are served in turn, however many gave up', () => {
    const waiters = new Waiters();
    for (let ticket = 1; ticket <= 300; ticket++)
      waiters.push({ ticket, member: 'a@1', leaseInMs: 0, maxDeliveries: 0 });
    for (let ticket = 1; ticket <= 300; ticket++) if (ticket % 10 !== 0) expect(waiters.delete(ticket)).toBe(true);
    expect([waiters.delete(1), waiters.size]).toEqual([false, 30]);
    const served = Array.from({ length: 31 }, () => waiters.shift()?.ticket);
    expect(served).toEqual([...Array.from({ length: 30 }, (_, i) => (i + 1) * 10), undefined]);
  });
});

describe('a heap', () => {
  it('gives its items in order', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(99), fc.constant(undefined))), (all) => {
        const heap = new Heap<number>((a, b) => a < b);
        let model: number[] = [];
        for (const each of all) {
          if (each === undefined) expect(heap.shift()).toBe(model.shift());
          else heap.push(each);
          if (each !== undefined) model = [...model, each].sort((a, b) => a - b);
          const copy = heap.copy();
          const inOrder = Array.from({ length: copy.length }, () => copy.shift());
          expect([heap.length, heap.peek(), inOrder]).toEqual([model.length, model[0], model]);
        }
      }),
    ));
});
