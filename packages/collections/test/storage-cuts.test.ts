import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../src/bytes/byte-writer.js';
import { emitterModel } from '../src/emitter/emitter-state.js';
import { queueModel } from '../src/queue/queue-model.js';
import { mapModel } from '../src/replicated/map-model.js';
import type { StateCut, StorageState } from '../src/replicated/storage-state.js';
import { type CommandInit, storageCommand } from './storage-command.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const key = fc.nat(9).map((n) => text(`key ${n}`));
const value = fc.nat(99).map((n) => text(`value ${n}`));
const ttlInMs = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
const ticket = fc.integer({ min: 1, max: 12 }).map((n) => [n]);

const mapChange = fc.oneof(
  fc.tuple(key, value, ttlInMs).map(([k, v, ttl]): CommandInit => {
    return { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [k], values: [v], ttlInMs: ttl };
  }),
  key.map((k): CommandInit => ({ type: MessageType.REMOVE_ENTRIES_REQUEST, keys: [k] })),
  fc.tuple(key, ttlInMs).map(([k, ttl]): CommandInit => {
    return { type: MessageType.TOUCH_ENTRIES_REQUEST, keys: [k], ttlInMs: ttl };
  }),
  fc.constant<CommandInit>({ type: MessageType.CLEAR_ENTRIES_REQUEST }),
);
const queueChange = fc.oneof(
  fc.tuple(value, ttlInMs, fc.nat(9)).map(([v, delayInMs, id]): CommandInit => {
    const dedup = id < 5 ? { dedupId: `${id}`, ttlInMs: 7 } : {};
    return { type: MessageType.INSERT_ENTRIES_REQUEST, values: [v], delayInMs, ...dedup };
  }),
  fc.constant<CommandInit>({ type: MessageType.REMOVE_ENTRIES_REQUEST }),
  fc.constant<CommandInit>({ type: MessageType.QUEUE_TAKE_REQUEST, leaseInMs: 8, maxDeliveries: 2 }),
  ticket.map((tickets): CommandInit => ({ type: MessageType.QUEUE_RETURN_REQUEST, tickets })),
  ticket.map((tickets): CommandInit => ({ type: MessageType.QUEUE_EXTEND_REQUEST, tickets, leaseInMs: 15 })),
  ticket.map((tickets): CommandInit => ({ type: MessageType.QUEUE_ACKNOWLEDGE_REQUEST, tickets })),
  fc.constant<CommandInit>({ type: MessageType.QUEUE_WAIT_REQUEST, leaseInMs: 9 }),
  fc.constant<CommandInit>({ type: MessageType.CLEAR_ENTRIES_REQUEST }),
);
const member = fc.constantFrom('a@1', 'b@1', 'c@1');
const emitterChange = fc.oneof(
  fc.tuple(key, value, member).map(([k, v, m]): CommandInit => {
    return { type: MessageType.INSERT_ENTRIES_REQUEST, keys: [k], values: [v], member: m };
  }),
  fc.tuple(key, value, member).map(([k, v, m]): CommandInit => {
    return { type: MessageType.UPDATE_ENTRIES_REQUEST, keys: [k], values: [v], member: m };
  }),
  fc
    .tuple(key, member)
    .map(([k, m]): CommandInit => ({ type: MessageType.REMOVE_ENTRIES_REQUEST, keys: [k], member: m })),
  key.map(
    (k): CommandInit => ({ type: MessageType.PUBLISH_EVENT_REQUEST, keys: [k, text('token')], values: [text('x')] }),
  ),
  member.map((m): CommandInit => ({ type: MessageType.CLEAR_ENTRIES_REQUEST, member: m })),
);

const everyone = new Set(['a@1', 'b@1', 'c@1']);

/** As the replicated state does it: what is due by then comes first. Entries are 2 ms apart. */
function apply(state: StorageState, changes: readonly CommandInit[], firstIndex: number): void {
  changes.forEach((change, i) => {
    const at = { index: firstIndex + i, time: 2 * (firstIndex + i) };
    while (state.nextDeadline <= at.time) state.expireNext(at);
    state.apply(storageCommand(change), at, everyone);
    state.publish();
  });
}

function written(cut: StateCut, from = 0, to = cut.count): string[] {
  const writer = new ByteWriter();
  const records: string[] = [];
  for (let position = from; position < to; position++) {
    cut.write(position, writer);
    records.push(writer.take().join());
  }
  return records;
}

describe.each([
  ['a map', () => mapModel.create(StorageKind.MAP), mapChange],
  ['a queue', () => queueModel.create(StorageKind.QUEUE), queueChange],
  ['an emitter', () => emitterModel.create(StorageKind.EMITTER), emitterChange],
] as const)('a cut of %s', (_, create, change) => {
  const changes = fc.array(change, { maxLength: 30 });

  it('is of its moment, whatever happens while it is written', () =>
    fc.assert(
      fc.property(changes, changes, changes, fc.nat(20), (before, first, second, count) => {
        const state = create();
        apply(state, before, 0);
        const expected = written(state.cut());
        const cut = state.cut();
        expect(cut.count).toBe(expected.length);
        apply(state, first, before.length);
        const half = Math.min(count, cut.count);
        const records = written(cut, 0, half);
        const later = state.cut();
        const expectedLater = written(state.cut());
        apply(state, second, before.length + first.length);
        expect([...records, ...written(cut, half)]).toEqual(expected);
        cut.close?.();
        expect(written(later)).toEqual(expectedLater);
      }),
      { numRuns: 300 },
    ));
});
