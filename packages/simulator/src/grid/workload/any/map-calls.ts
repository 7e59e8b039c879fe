import { anyMapOf, keys } from '../collections.js';
import type { Caller, Made } from './made.js';

const ttls = [1, 300, 1500, 6000];

export function callMap({ process, random, options, values }: Caller): Made {
  const map = anyMapOf(process);
  const [key = '', other = ''] = random.shuffled(keys);
  const [value, second] = [values.next(), values.next()];
  const { value: held = second, revision } = map.entry(key) ?? {};
  const ttlInMs = random.pick(ttls) ?? 1;
  const limited = random.chance(0.5) ? { ...options, ttlInMs } : options;
  const writing = { ...options, value };
  const inParts = { ...options, atomic: false };
  const entries = [[key, value] as const, [other, second] as const];
  const calls: readonly (() => Made)[] = [
    () => [`set(${key}, ${value})`, map.set(key, value, limited), writing],
    () => [`insert(${key}, ${value})`, map.insert(key, value, limited), writing],
    () => [`updateIf(${key}, ${value}, ${held})`, map.updateIf(key, value, held, limited), writing],
    () => [`compareAndSet(${key}, ${value}, ${revision})`, map.compareAndSet(key, value, revision, limited), writing],
    () => [`setAll(${entries})`, map.setAll(entries, limited), writing],
    () => [`insertAll(${entries})`, map.insertAll(entries, limited), writing],
    () => [`setAll(${entries}) in parts`, map.setAll(entries, { ...limited, atomic: false })],
    () => [`insertAll(${entries}) in parts`, map.insertAll(entries, { ...limited, atomic: false })],
    () => [`touch(${key}, ${ttlInMs})`, map.touch(key, ttlInMs, options)],
    () => [`touch(${key}) for ever`, map.touch(key, Number.POSITIVE_INFINITY, options)],
    () => [`delete(${key})`, map.delete(key, options)],
    () => [`remove(${key})`, map.remove(key, options)],
    () => [`removeIf(${key}, ${held})`, map.removeIf(key, held, options)],
    () => [`deleteAll(${key}, ${other})`, map.deleteAll([key, other], options)],
    () => [`removeAll(${key}, ${other})`, map.removeAll([key, other], options)],
    () => [`removeAll(${key}, ${other}) in parts`, map.removeAll([key, other], inParts)],
    () => ['clear()', map.clear(options)],
    () => ['import(export())', map.import(map.export(), options)],
    () => [`read(${key})`, map.read(key, options)],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
