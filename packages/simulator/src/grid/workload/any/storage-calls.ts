import { anyStorageOf, keys } from '../collections.js';
import type { Caller, Made } from './made.js';

export function callStorage({ process, random, options, values }: Caller): Made {
  const storage = anyStorageOf(process);
  const [key = '', other = ''] = random.shuffled(keys);
  const [value, second] = [values.next(), values.next()];
  const entries = [[key, value] as const, [other, second] as const];
  const calls: readonly (() => Made)[] = [
    () => [`set(${key}, ${value})`, storage.set(key, value, options)],
    () => [`insert(${key}, ${value})`, storage.insert(key, value, options)],
    () => [`restore(${key}, ${value})`, storage.restore(key, value, options)],
    () => [`setAll(${entries})`, storage.setAll(entries, options)],
    () => [`insertAll(${entries})`, storage.insertAll(entries, options)],
    () => [`restoreAll(${entries})`, storage.restoreAll(entries, options)],
    () => [`delete(${key})`, storage.delete(key, options)],
    () => [`deleteAll(${key}, ${other})`, storage.deleteAll([key, other], options)],
    () => [`evict(${key})`, storage.evict(key, options)],
    () => [`evictAll(${key}, ${other})`, storage.evictAll([key, other], options)],
    () => ['clear()', storage.clear(options)],
    () => [`getAll(${key}, ${other})`, storage.getAll([key, other], options)],
    () => ['keys()', storage.keys(options)],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
