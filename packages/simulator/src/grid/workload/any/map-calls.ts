import { MessageType } from '@hamok/messages';
import { anyMapOf, keys } from '../collections.js';
import { type Caller, json, type Made, silent } from './made.js';

const ttls = [1, 300, 1500, 6000];

export function callMap({ process, random, options, values }: Caller): Made {
  const map = anyMapOf(process);
  const [key = '', other = ''] = random.shuffled(keys);
  const [value, second] = [values.next(), values.next()];
  const { value: held = second, revision } = map.entry(key) ?? {};
  const ttlInMs = random.pick(ttls) ?? 1;
  const limited = { ...options, ttlInMs: random.chance(0.5) ? ttlInMs : Number.POSITIVE_INFINITY };
  const writing = { ...options, value };
  const inParts = { ...options, atomic: false };
  const entries = [[key, value] as const, [other, second] as const];
  const [type, keyed] = [MessageType.UPDATE_ENTRIES_REQUEST, { keys: [json(key)] }];
  const one = { type, ...keyed, values: [json(value)], ...(limited.ttlInMs === ttlInMs && { ttlInMs }) };
  const two = { ...one, keys: [json(key), json(other)], values: [json(value), json(second)] };
  const inserting = MessageType.INSERT_ENTRIES_REQUEST;
  const [deleting, removing] = [MessageType.DELETE_ENTRIES_REQUEST, MessageType.REMOVE_ENTRIES_REQUEST];
  const shown = [...map];
  const all = { type, keys: shown.map(([each]) => json(each)), values: shown.map(([, each]) => json(each)) };
  const calls: readonly (() => Made)[] = [
    () => [`set(${key}, ${value})`, map.set(key, value, limited), writing, one],
    () => [`insert(${key}, ${value})`, map.insert(key, value, limited), writing, { ...one, type: inserting }],
    () => [
      `updateIf(${key}, ${value}, ${held})`,
      map.updateIf(key, value, held, limited),
      writing,
      { ...one, prevValue: json(held) },
    ],
    () => [
      `compareAndSet(${key}, ${value}, ${revision})`,
      map.compareAndSet(key, value, revision, limited),
      writing,
      { ...one, revision: revision ?? -1 },
    ],
    () => [`setAll(${entries})`, map.setAll(entries, limited), writing, two],
    () => [`insertAll(${entries})`, map.insertAll(entries, limited), writing, { ...two, type: inserting }],
    () => [`setAll(${entries}) in parts`, map.setAll(entries, { ...limited, atomic: false })],
    () => [`insertAll(${entries}) in parts`, map.insertAll(entries, { ...limited, atomic: false })],
    () => [
      `touch(${key}, ${ttlInMs})`,
      map.touch(key, ttlInMs, options),
      options,
      { type: MessageType.TOUCH_ENTRIES_REQUEST, ...keyed, ttlInMs },
    ],
    () => [
      `touch(${key}) for ever`,
      map.touch(key, Number.POSITIVE_INFINITY, options),
      options,
      { type: MessageType.TOUCH_ENTRIES_REQUEST, ...keyed },
    ],
    () => [`delete(${key})`, map.delete(key, options), options, { type: deleting, ...keyed }],
    () => [`remove(${key})`, map.remove(key, options), options, { type: removing, ...keyed }],
    () => [
      `removeIf(${key}, ${held})`,
      map.removeIf(key, held, options),
      options,
      { type: removing, ...keyed, prevValue: json(held) },
    ],
    () => [
      `deleteAll(${key}, ${other})`,
      map.deleteAll([key, other], options),
      options,
      { type: deleting, keys: two.keys },
    ],
    () => [
      `removeAll(${key}, ${other})`,
      map.removeAll([key, other], options),
      options,
      { type: removing, keys: two.keys },
    ],
    () => [`removeAll(${key}, ${other}) in parts`, map.removeAll([key, other], inParts)],
    () => ['clear()', map.clear(options), options, { type: MessageType.CLEAR_ENTRIES_REQUEST }],
    () => ['import(export())', silent(map.import(map.export(), options)), options, all],
    () => [`read(${key})`, map.read(key, options)],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
