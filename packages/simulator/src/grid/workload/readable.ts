import type { HamokMap, HamokQueue, HamokRecord, ReplicatedStorage } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import {
  keys as allKeys,
  anyEmitterOf,
  anyMapOf,
  anyQueueOf,
  anyRecordOf,
  anyStorageOf,
  emitterOf,
  endingMapOf,
  lineOf,
  mapOf,
  recordOf,
  worksOf,
} from './collections.js';

const readers: Readonly<Record<string, (process: Process) => unknown>> = {
  map: (process) => inMap(mapOf(process)),
  ending: (process) => inMap(endingMapOf(process)),
  'any map': (process) => inMap(anyMapOf(process)),
  record: (process) => inRecord(recordOf(process)),
  'any record': (process) => inRecord(anyRecordOf(process)),
  line: (process) => inQueue(lineOf(process)),
  works: (process) => inQueue(worksOf(process)),
  'any queue': (process) => inQueue(anyQueueOf(process)),
  emitter: (process) => inEmitter(emitterOf(process)),
  'any emitter': (process) => inEmitter(anyEmitterOf(process)),
  'any storage': (process) => inStorage(anyStorageOf(process)),
};

/** What a program can read of a collection where it runs, ready for JSON. Throws a `Violation` where two ways to read differ. */
export function readable(process: Process, id: string): unknown {
  return readers[id]?.(process);
}

function inMap(map: HamokMap<string, string>): unknown {
  const keys = [...map.keys()];
  agree(map.id, [
    [keys.length, keys.length === 0],
    [map.size, map.isEmpty],
  ]);
  agree(map.id, [allKeys.filter((key) => keys.includes(key)), allKeys.filter((key) => map.has(key))]);
  agree(map.id, [[...map], keys.map((key) => [key, map.get(key)]), [...map.getAll(keys)]]);
  agree(map.id, [[...map.values()], keys.map((key) => map.entry(key)?.value)]);
  return keys.map((key) => {
    const { value, revision, expiresAt = null } = map.entry(key) ?? {};
    return [key, value, revision, expiresAt];
  });
}

function inRecord(record: HamokRecord<Record<string, string>>): unknown {
  const fields = Object.entries(record.instance);
  agree(record.id, [fields, fields.map(([field]) => [field, record.get(field)])]);
  return fields;
}

function inQueue(queue: HamokQueue<string>): unknown {
  const ready = [...queue];
  agree(queue.id, [[ready[0]], [queue.peek()]]);
  agree(queue.id, [
    [ready.length, ready.length === 0],
    [queue.size, queue.empty],
  ]);
  const all = queue.export().values.map((value) => JSON.parse(value));
  return { ready, all, dead: [...queue.deadLetters()] };
}

function inStorage(storage: ReplicatedStorage<string, string>): unknown {
  const entries = [...storage.localEntries()];
  const keys = [...storage.localKeys()];
  agree(storage.id, [entries.length, storage.localSize]);
  agree(storage.id, [entries, keys.map((key) => [key, storage.localGet(key)])]);
  return entries;
}

interface Subscribed {
  readonly id: string;
  readonly empty: boolean;
  readonly subscriptions: {
    readonly size: number;
    entries(): Iterable<[event: string, peers: ReadonlyMap<string, unknown>]>;
    events(): Iterable<string>;
    hasEvent(event: string): boolean;
    getPeerIds(event: string): ReadonlySet<string>;
    getAllPeerIds(): ReadonlySet<string>;
  };
}

function inEmitter({ id, empty, subscriptions }: Subscribed): unknown {
  const entries = [...subscriptions.entries()].map(([event, peers]): [string, [string, unknown][]] => [
    event,
    [...peers],
  ]);
  const events = entries.map(([event]) => event);
  const peers = entries.flatMap(([, subscribers]) => subscribers.map(([peerId]) => peerId));
  agree(id, [
    [entries.length, entries.length === 0],
    [subscriptions.size, empty],
  ]);
  agree(id, [events, [...subscriptions.events()], events.filter((event) => subscriptions.hasEvent(event))]);
  agree(id, [peers, events.flatMap((event) => [...subscriptions.getPeerIds(event)])]);
  agree(id, [[...new Set(peers)], [...subscriptions.getAllPeerIds()]]);
  return entries;
}

function agree(id: string, readings: readonly unknown[]): void {
  const texts = new Set(readings.map((reading) => JSON.stringify(reading)));
  if (texts.size > 1) throw new Violation('one reading', `${id} reads as ${[...texts].join(' and as ')}`);
}
