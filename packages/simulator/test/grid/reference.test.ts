import { HamokMessage, type HamokMessageInit, MessageProtocol, MessageType, StorageKind } from '@hamok/messages';
import type { Entry } from '@hamok/raft';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/grid/reference/collection.js';
import { ReferenceGrid } from '../../src/grid/reference/grid.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A log of the member a@1, whose grid has b@2 too. */
class Log {
  /** What the caller of each command is told that tells something. */
  readonly outcomes: (readonly Outcome[])[] = [];
  readonly grid = new ReferenceGrid({ voters: ['a@1', 'b@2'], learners: [] }, (_, outcomes) => {
    this.outcomes.push(outcomes);
  });
  time = 0;
  #index = 0;
  #sequence = 0;

  constructor(
    private readonly storageId: string,
    private readonly storageKind: StorageKind,
  ) {}

  /** What is told of a command. */
  add(type: MessageType, fields: HamokMessageInit = {}, sessionSequence = ++this.#sequence): readonly unknown[] {
    const message = new HamokMessage({
      protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL,
      type,
      sourceId: 'a',
      sourceIncarnation: 1,
      sessionSequence,
      storageId: this.storageId,
      storageKind: this.storageKind,
      ...fields,
    });
    return this.#told({ kind: 'command', data: message.toBinary() });
  }

  /** Who is in the grid from now on. */
  members(...voters: string[]): readonly unknown[] {
    return this.#told({ kind: 'configuration', data: bytes(''), configuration: { voters, learners: [] } });
  }

  #told(entry: Pick<Entry, 'kind' | 'data' | 'configuration'>): readonly unknown[] {
    const { time } = this;
    return this.grid.apply({ ...entry, index: this.#index++, term: 1, time }).get(this.storageId) ?? [];
  }

  get contents(): unknown {
    return this.grid.collections.get(this.storageId)?.contents;
  }
}

describe('the plain model of a map', () => {
  const one = (value: string): HamokMessageInit => ({ keys: [bytes('"k"')], values: [bytes(`"${value}"`)] });

  test('writes, and ends what was written when its time is up', () => {
    const log = new Log('map', StorageKind.MAP);
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, { ...one('v'), ttlInMs: 10 })).toEqual([['insert', 'k', 'v']]);
    expect(log.contents).toEqual([['k', 'v', 0, 10]]);
    expect(log.add(MessageType.INSERT_ENTRIES_REQUEST, one('w'))).toEqual([]);
    log.time = 9;
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, { ...one('w'), revision: 7 })).toEqual([]);
    log.time = 10;
    expect(log.add(MessageType.INSERT_ENTRIES_REQUEST, one('w'))).toEqual([
      ['expire', 'k', 'v'],
      ['insert', 'k', 'w'],
    ]);
  });

  test('applies a command once, and in the order of its session', () => {
    const log = new Log('map', StorageKind.MAP);
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, one('v'), 1)).toHaveLength(1);
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, one('v'), 1)).toEqual([]);
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, one('x'), 3)).toEqual([]);
    log.members('b@2');
    expect(log.add(MessageType.UPDATE_ENTRIES_REQUEST, one('x'), 2)).toEqual([]);
    expect(log.contents).toEqual([['k', 'v', 0, null]]);
  });
});

test('the plain models say what callers are told', () => {
  const one = (value: string): HamokMessageInit => ({ keys: [bytes('"k"')], values: [bytes(value)] });
  const map = new Log('map', StorageKind.MAP);
  map.add(MessageType.INSERT_ENTRIES_REQUEST, one('1'));
  map.add(MessageType.INSERT_ENTRIES_REQUEST, one('2'));
  map.add(MessageType.UPDATE_ENTRIES_REQUEST, { ...one('2'), prevValue: bytes('3') });
  map.add(MessageType.UPDATE_ENTRIES_REQUEST, one('2'));
  map.add(MessageType.DELETE_ENTRIES_REQUEST, { keys: [bytes('"j"'), bytes('"k"')] });
  expect(map.outcomes).toEqual([[null], ['1'], [false], ['1'], [false, true]]);
  const queue = new Log('queue', StorageKind.QUEUE);
  queue.add(MessageType.QUEUE_WAIT_REQUEST);
  queue.add(MessageType.QUEUE_CANCEL_REQUEST, { tickets: [1] });
  queue.add(MessageType.INSERT_ENTRIES_REQUEST, { values: [bytes('1')], dedupId: 'once', ttlInMs: 5 });
  queue.add(MessageType.INSERT_ENTRIES_REQUEST, { values: [bytes('2')], dedupId: 'once', ttlInMs: 5 });
  queue.add(MessageType.QUEUE_TAKE_REQUEST, { leaseInMs: 5 });
  queue.add(MessageType.QUEUE_ACKNOWLEDGE_REQUEST, { tickets: [2, 3] });
  queue.add(MessageType.REMOVE_ENTRIES_REQUEST);
  expect(queue.outcomes).toEqual([[true], [false], ['1', '1'], [true, false], [null]]);
  const emitter = new Log('emitter', StorageKind.EMITTER);
  emitter.add(MessageType.INSERT_ENTRIES_REQUEST, { keys: [bytes('tick')], values: [bytes('7')] });
  emitter.add(MessageType.INSERT_ENTRIES_REQUEST, { keys: [bytes('tick'), bytes('c@3')], values: [bytes('7')] });
  emitter.add(MessageType.DELETE_ENTRIES_REQUEST, { keys: [bytes('a@1')] });
  emitter.add(MessageType.REMOVE_ENTRIES_REQUEST, { keys: [bytes('tick')] });
  expect(emitter.outcomes).toEqual([[true], [false], [true], [false]]);
});

describe('the plain model of a queue', () => {
  const push = (log: Log, ...items: string[]): readonly unknown[] =>
    log.add(MessageType.INSERT_ENTRIES_REQUEST, { values: items.map((item) => bytes(`"${item}"`)) });

  test('gives who waited the first item, and offers it again when its time is up, until it is a dead letter', () => {
    const log = new Log('queue', StorageKind.QUEUE);
    expect(log.add(MessageType.QUEUE_WAIT_REQUEST, { leaseInMs: 5, maxDeliveries: 1 })).toEqual([]);
    expect(push(log, 'x', 'y')).toEqual([['add', 'x'], ['add', 'y'], ['remove', 'x'], ['not-empty']]);
    log.time = 5;
    expect(log.add(MessageType.REMOVE_ENTRIES_REQUEST)).toEqual([['dead-letter', 'x', 1], ['remove', 'y'], ['empty']]);
    expect(log.contents).toEqual({ ready: [], all: [], dead: ['x'] });
  });

  test('puts what was given back in its old place, and what a popper lost at the head', () => {
    const log = new Log('queue', StorageKind.QUEUE);
    push(log, 'x', 'y');
    log.add(MessageType.QUEUE_TAKE_REQUEST, { leaseInMs: 5 });
    expect(log.add(MessageType.QUEUE_RETURN_REQUEST, { tickets: [1] })).toEqual([['add', 'x']]);
    log.add(MessageType.QUEUE_PUT_BACK_REQUEST, { values: [bytes('"w"')] });
    expect(log.contents).toEqual({ ready: ['w', 'x', 'y'], all: ['w', 'x', 'y'], dead: [] });
  });

  test('takes what a member holds from it with the first command after it left', () => {
    const log = new Log('queue', StorageKind.QUEUE);
    push(log, 'x');
    log.add(MessageType.QUEUE_TAKE_REQUEST, { leaseInMs: 5000 });
    expect(log.members('b@2')).toEqual([]);
    expect(log.add(MessageType.CLEAR_ENTRIES_REQUEST, { sourceId: 'b', sourceIncarnation: 2 }, 1)).toEqual([
      ['add', 'x'],
    ]);
  });
});

test('the plain model of an emitter ends the subscriptions of whoever leaves', () => {
  const log = new Log('emitter', StorageKind.EMITTER);
  log.add(MessageType.INSERT_ENTRIES_REQUEST, { keys: [bytes('tick')], values: [bytes('7')] });
  expect(log.contents).toEqual([['tick', [['a', 7]]]]);
  expect(log.members('b@2')).toEqual([['removed', 'tick', 'a', 7]]);
});
