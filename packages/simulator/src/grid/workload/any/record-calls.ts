import { anyRecordOf, fields } from '../collections.js';
import type { Caller, Made } from './made.js';

export function callRecord({ process, random, options, values }: Caller): Made {
  const record = anyRecordOf(process);
  const [field = '', other = ''] = random.shuffled(fields);
  const [value, second] = [values.next(), values.next()];
  const held = record.get(field) ?? second;
  const some = { [field]: value, [other]: second };
  const writing = { ...options, value };
  const calls: readonly (() => Made)[] = [
    () => [`set(${field}, ${value})`, record.set(field, value, options), writing],
    () => [`insert(${field}, ${value})`, record.insert(field, value, options), writing],
    () => [`updateIf(${field}, ${value}, ${held})`, record.updateIf(field, value, held, options), writing],
    () => [`delete(${field})`, record.delete(field, options)],
    () => [`insertInstance(${Object.entries(some)})`, record.insertInstance(some, options), writing],
    () => [
      `updateInstanceIf(${Object.entries(some)}, ${held})`,
      record.updateInstanceIf(some, { [field]: held }, options),
      writing,
    ],
    () => ['clear()', record.clear(options)],
    () => ['import(export())', record.import(record.export(), options)],
  ];
  return random.pick(calls)?.() ?? ['nothing', Promise.resolve()];
}
