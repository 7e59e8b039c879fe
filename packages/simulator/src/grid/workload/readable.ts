import type { HamokMap, HamokQueue, HamokRecord } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import {
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
  'any storage': (process) => [...anyStorageOf(process).localEntries()],
};

/** What a program can read of a collection where it runs, ready for JSON. Throws a `Violation` where two ways to read differ. */
export function readable(process: Process, id: string): unknown {
  return readers[id]?.(process);
}

function inMap(map: HamokMap<string, string>): unknown {
  const keys = [...map.keys()];
  agree(map.id, [keys.length, map.size]);
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

interface Subscribed {
  readonly id: string;
  readonly subscriptions: {
    readonly size: number;
    entries(): Iterable<[event: string, peers: ReadonlyMap<string, unknown>]>;
  };
}

function inEmitter({ id, subscriptions }: Subscribed): unknown {
  const entries = [...subscriptions.entries()].map(([event, peers]) => [event, [...peers]]);
  agree(id, [entries.length, subscriptions.size]);
  return entries;
}

function agree(id: string, readings: readonly unknown[]): void {
  const texts = new Set(readings.map((reading) => JSON.stringify(reading)));
  if (texts.size > 1) throw new Violation('one reading', `${id} reads as ${[...texts].join(' and as ')}`);
}
